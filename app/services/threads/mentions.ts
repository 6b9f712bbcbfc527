import { sql } from 'drizzle-orm'
import { withArticle } from '../../core/article.ts'
import { recordName } from '../../db/errors.ts'
import type { Context } from '../context.ts'
import { deliver } from '../inbox/deliver.ts'
import { notify } from '../notifications/notify.ts'
import { clip } from './clip.ts'
import type { StoredMessage } from './message-reader.ts'
import { audienceOf } from './readers.ts'
import { boundRows, runThreadStatement } from './wall.ts'

/** Different names that a message may mention; what comes after them is text. */
const MOST_NAMES = 50
const PREVIEW = 200

/** Tells of a new message whom it names, and who follows the record. Statements: the same number, whatever theirs. */
export async function tellOfMessage(ctx: Context, message: StoredMessage): Promise<void> {
  const readers = await audienceOf(ctx, { ...message, names: namesIn(message.body) })
  const others = readers.filter(({ id }) => id !== ctx.user?.id)
  const mentioned = others.filter(({ named }) => named)
  await mention(
    ctx,
    message,
    mentioned.map(({ id }) => id),
  )
  const item = { ...itemOf(message), item_type: 'message' as const, title: `New message on ${subjectOf(message)}` }
  await deliver(
    ctx,
    others.filter(({ named }) => !named).map(({ id }) => ({ ...item, user_id: id })),
  )
}

/** Tells those whom a changed text names and who have not been told yet. */
export async function tellOfChange(ctx: Context, message: StoredMessage): Promise<void> {
  const names = namesIn(message.body)
  if (names.length === 0) return
  const readers = await audienceOf(ctx, { ...message, names })
  const named = readers.filter((reader) => reader.named && reader.id !== ctx.user?.id && reader.id !== message.user_id)
  await mention(
    ctx,
    message,
    named.map(({ id }) => id),
  )
}

/**
 * The usernames that a text mentions, in small letters, each once: `@` at the beginning of a word, and what a username may
 * have. Of `@jane.` both are looked for, with the point and without. Takes time by the length of the text, whatever is in it.
 */
export function namesIn(text: string): string[] {
  const names = new Set<string>()
  for (const [, name = ''] of text.matchAll(/(?<![\w.@-])@([\w.-]{1,100})/g)) {
    if (names.size >= 2 * MOST_NAMES) break
    const lower = name.toLowerCase()
    names.add(lower).add(lower.replace(/[.-]{1,100}$/, ''))
  }
  names.delete('')
  return [...names]
}

async function mention(ctx: Context, message: StoredMessage, user_ids: number[]): Promise<void> {
  if (user_ids.length === 0) return
  const { rows } = await runThreadStatement<{ user_id: number }>(
    ctx,
    'mention',
    () => sql`
      insert into message_mentions (company_id, message_id, user_id)
      select ${sql.placeholder('$company')}::bigint, ${sql.placeholder('$message_id')}::bigint, id
      from ${boundRows('$ids')} given order by id
      on conflict do nothing returning user_id`,
    { $company: message.company_id, $message_id: message.id, $ids: JSON.stringify(user_ids) },
  )
  const { id: message_id, model_name, record_id } = message
  const title = `You were mentioned on ${subjectOf(message)}`
  // The notification itself says nothing of the message: it stays when its reader may no longer read the record.
  await notify(
    ctx,
    rows.map(({ user_id }) => ({
      user_id,
      title,
      data: { message_id, model_name, record_id },
      item: { ...itemOf(message), item_type: 'mention', priority: 'high', title },
    })),
  )
}

const itemOf = ({ id, user_id, body, model_name, record_id, is_internal }: StoredMessage) => ({
  sender_id: user_id,
  preview: clip(body, PREVIEW),
  message_id: id,
  model_name,
  record_id,
  is_internal,
})

const subjectOf = ({ model_name }: StoredMessage) => withArticle(recordName(model_name).toLowerCase())
