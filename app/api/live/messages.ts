import { ClientMessage } from '../../schemas/live.ts'
import { write } from '../../services/live/frame.ts'
import type { Live } from '../../services/live/live.ts'
import { isStorable } from '../http/storable.ts'
import type { SocketClient } from './socket-client.ts'

/** Does what a client's message asks for. */
export function answer(client: SocketClient, _live: Live, text: string): void {
  const message = read(text)
  if (message === undefined) return client.refuse('invalid_json', 'Not JSON')
  const { data, error } = ClientMessage.safeParse(message)
  if (error || !isStorable(message)) return client.refuse('invalid_message', 'Unknown type, or its data is not as it must be')
  if (data.type === 'ping') client.send(write('pong', {}))
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
