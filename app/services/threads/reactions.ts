import { sql } from 'drizzle-orm'
import { emojiOf } from '../../core/emoji.ts'
import { AppError } from '../../core/errors.ts'
import { type Context, demandUser } from '../context.ts'
import { announce } from './announce.ts'
import type { StoredMessage } from './message-reader.ts'
import { runThreadStatement } from './wall.ts'

/** Different emoji on one message. */
const MOST = 50

/**
 * Adds the caller's reaction to a message that they may read; one that is there stays as it is.
 * @throws AppError `validation_error` for what is no emoji, `bad_request` where there are too many different ones
 */
export async function addReaction(ctx: Context, message: StoredMessage, text: string): Promise<void> {
  const emoji = demandEmoji(text)
  const bound = { ...bind(ctx, message, emoji), $company: message.company_id }
  // Whoever reacts to the same message waits: the count is of what is there.
  await runThreadStatement(
    ctx,
    'lock message',
    (wall) => sql`select from messages m where ${wall.of('m')} and m.id = ${$('message_id')} for no key update`,
    bound,
  )
  const { rows } = await runThreadStatement(
    ctx,
    'react',
    () => sql`
      insert into message_reactions (company_id, message_id, user_id, emoji)
      select ${$('company')}::bigint, ${$('message_id')}::bigint, ${$('user_id')}::bigint, ${$('emoji')}::varchar
      where (
        select count(distinct r.emoji) from message_reactions r
        where r.company_id = ${$('company')}::bigint and r.message_id = ${$('message_id')}::bigint
          and r.emoji <> ${$('emoji')}::varchar
      ) < ${MOST}
      on conflict do nothing returning id`,
    bound,
  )
  if (rows.length > 0) return announce(ctx, 'reaction', message, { emoji, by: bound.$user_id, action: 'added' })
  if (!(await hasReacted(ctx, bound))) throw new AppError('bad_request', `A message takes ${MOST} different emoji`)
}

/** Takes the caller's reaction back, if there is one. @throws AppError `validation_error` for what is no emoji */
export async function removeReaction(ctx: Context, message: StoredMessage, text: string): Promise<void> {
  const emoji = demandEmoji(text)
  const bound = bind(ctx, message, emoji)
  const { rows } = await runThreadStatement(
    ctx,
    'unreact',
    (wall) => sql`
      delete from message_reactions r where ${wall.of('r')} and r.message_id = ${$('message_id')}
        and r.user_id = ${$('user_id')} and r.emoji = ${$('emoji')} returning id`,
    bound,
  )
  if (rows.length > 0) await announce(ctx, 'reaction', message, { emoji, by: bound.$user_id, action: 'removed' })
}

async function hasReacted(ctx: Context, bound: ReturnType<typeof bind>): Promise<boolean> {
  const { rows } = await runThreadStatement(
    ctx,
    'has reacted',
    (wall) => sql`
      select from message_reactions r where ${wall.of('r')} and r.message_id = ${$('message_id')}
        and r.user_id = ${$('user_id')} and r.emoji = ${$('emoji')}`,
    bound,
  )
  return rows.length > 0
}

const $ = (name: string) => sql.placeholder(`$${name}`)

const bind = (ctx: Context, { id }: StoredMessage, emoji: string) => ({
  $message_id: id,
  $user_id: demandUser(ctx),
  $emoji: emoji,
})

function demandEmoji(text: string): string {
  const emoji = emojiOf(text)
  if (emoji !== undefined) return emoji
  throw new AppError('validation_error', [{ loc: ['path', 'emoji'], msg: 'must be one emoji', type: 'invalid_emoji' }])
}
