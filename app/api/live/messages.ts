import { AppError } from '../../core/errors.ts'
import { readJson } from '../../core/read-json.ts'
import { isStorable } from '../../core/storable.ts'
import { ClientMessage } from '../../schemas/live.ts'
import { type LiveClient, isPerson } from '../../services/live/client.ts'
import { write } from '../../services/live/frame.ts'
import type { Live } from '../../services/live/live.ts'

/** Somebody who can be told that what they sent makes no sense. */
export interface Speaker extends LiveClient {
  refuse(code: string, detail: string): void
}

/** Does what a client's message asks for. @throws AppError for what cannot be done */
export async function answer(client: Speaker, live: Live, text: string): Promise<void> {
  const message = readJson(text)
  if (message === undefined) return client.refuse('invalid_json', 'Not JSON')
  const { data: asked, error } = ClientMessage.safeParse(message)
  if (error || !isStorable(message)) return client.refuse('invalid_message', 'Unknown type, or its data is not right')
  if (asked.type === 'ping') return client.send(write('pong', {}))
  if (asked.type === 'presence:list')
    return client.send(write('presence:list', { user_ids: await live.presence.list(client.company_id) }))
  if (!isPerson(client)) throw new AppError('session_required')
  await live.typing(client, { type: asked.type, ...asked.data })
}
