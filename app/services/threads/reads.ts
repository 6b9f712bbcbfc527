import { sql } from 'drizzle-orm'
import { type Context, demandUser } from '../context.ts'
import type { StoredMessage } from './message-reader.ts'
import { runThreadStatement } from './wall.ts'

/** Notes that the caller has read a message; the first time stays. */
export async function markRead(ctx: Context, { id, company_id }: StoredMessage): Promise<void> {
  await runThreadStatement(
    ctx,
    'read',
    () => sql`
      insert into message_reads (company_id, message_id, user_id)
      values (${sql.placeholder('$company')}, ${sql.placeholder('$message_id')}, ${sql.placeholder('$user_id')})
      on conflict do nothing`,
    { $company: company_id, $message_id: id, $user_id: demandUser(ctx) },
  )
}
