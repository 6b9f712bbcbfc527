import { systemContext } from '../context.ts'
import { demandRecord } from '../threads/records.ts'
import { AccessCheck } from './access.ts'
import { announce } from './announcements.ts'
import type { LiveClient } from './client.ts'
import type { LiveParts } from './parts.ts'

export interface Typing {
  type: 'typing:start' | 'typing:stop'
  model_name: string
  record_id: number
}

/**
 * Tells others who may read the record that somebody writes about it. Nothing of it is kept.
 * @throws AppError `not_found` where the client may not read the record: one answer, whatever the reason
 */
export async function tellTyping(
  { engine, settings, principals }: LiveParts,
  client: LiveClient,
  { type, ...record }: Typing,
): Promise<void> {
  const permissions = await new AccessCheck(principals).of(client)
  if (!permissions) return
  const { user_id, company_id } = client
  await systemContext({ engine, settings, company_id, permissions, readOnly: true }, async (ctx) => {
    await demandRecord(ctx, record)
    await announce(ctx.db, { type, company_id, user_id, ...record })
  })
}
