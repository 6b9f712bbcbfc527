import { sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { safeHtml } from '../core/safe-html.ts'
import { type Attachment, type MessageLevel, MessageType } from '../models/message.ts'
import { demandCompany } from './context.ts'
import { announce } from './threads/announce.ts'
import { addFollowers } from './threads/followers.ts'
import { tellOfChange, tellOfMessage } from './threads/mentions.ts'
import { type Message, MessageReader } from './threads/message-reader.ts'
import { addReaction, removeReaction } from './threads/reactions.ts'
import { markRead } from './threads/reads.ts'
import { INTERNAL, type RecordName, demandRecord, readsInternal } from './threads/records.ts'
import { demandMayDelete, demandMayEdit, demandMayPin, demandMaySend, demandShort } from './threads/rules.ts'
import { runThreadStatement } from './threads/wall.ts'

/** What the author of a message may change later. */
export interface MessageContent {
  body: string
  body_html?: string | null
  subject?: string | null
  attachments?: Attachment[]
  metadata?: Record<string, unknown>
}

export interface NewMessage extends RecordName, MessageContent {
  parent_id?: number | null
  message_type?: MessageType
  level?: MessageLevel
  /** By default true for a note and for a reply to an internal message. */
  is_internal?: boolean
}

/**
 * Reads, and writes, what is said about records. Who may read a record may write in its thread; the other rules are in
 * docs/collaboration.md. All but reading needs a company (`no_company`).
 */
export class MessageService extends MessageReader {
  /**
   * Writes what a caller of the API sends: as `create`, but the system's word only for who may write internally.
   * @throws AppError as `create`
   */
  async send(values: NewMessage): Promise<Message> {
    demandMaySend(this.ctx, values)
    return this.create(values)
  }

  /**
   * Writes a message of the caller, who follows the record from then on; tells whom it names and who follows.
   * @throws AppError `not_found`, `invalid_reference` for a parent that is not there, `bad_request`, `permission_denied`,
   * `validation_error` for more than a list can show
   */
  async create(values: NewMessage): Promise<Message> {
    const { model_name, record_id, message_type, level, subject, attachments, metadata, body, body_html } = values
    const company_id = demandCompany(this.ctx)
    await demandRecord(this.ctx, values)
    const place = await this.#placeOf(values)
    const user_id = this.ctx.user?.id ?? null
    const content = { subject, body, body_html: cleaned(body_html), attachments, metadata }
    demandShort(content)
    const message = await this.records.create({
      model_name,
      record_id,
      message_type,
      level,
      user_id,
      ...place,
      ...content,
    })
    if (user_id !== null) await addFollowers(this.ctx, company_id, message, [user_id])
    await tellOfMessage(this.ctx, message)
    await announce(this.ctx, 'new', message)
    return this.detail(message)
  }

  /** Changes what is given; a new body without its HTML removes the HTML. @throws AppError `not_found`, `permission_denied`, `validation_error` */
  async update(id: number, changes: Partial<MessageContent>): Promise<Message> {
    demandCompany(this.ctx)
    const before = await this.seen(id)
    demandMayEdit(this.ctx, before)
    if (Object.keys(changes).length === 0) return this.detail(before)
    const html = changes.body === undefined ? changes.body_html : (changes.body_html ?? null)
    const content = html === undefined ? changes : { ...changes, body_html: cleaned(html) }
    demandShort({ ...before, ...content })
    const message = await this.records.update(id, { ...content, edited_at: new Date().toISOString() })
    if (changes.body !== undefined) await tellOfChange(this.ctx, message)
    await announce(this.ctx, 'updated', message)
    return this.detail(message)
  }

  /** Removes a message. Its replies stay, as replies to what it replied to. @throws AppError `not_found`, `permission_denied` */
  async delete(id: number): Promise<void> {
    demandCompany(this.ctx)
    const message = await this.seen(id)
    demandMayDelete(this.ctx, message)
    const bound = { $id: id, $parent_id: message.parent_id }
    // Whoever is just replying waits, and then finds it gone: else the reply would go with it.
    await runThreadStatement(
      this.ctx,
      'lock for deletion',
      (wall) => sql`select from messages m where ${wall.of('m')} and m.id = ${sql.placeholder('$id')} for update`,
      bound,
    )
    await runThreadStatement(
      this.ctx,
      'lift replies',
      (wall) => sql`
        update messages m set parent_id = ${sql.placeholder('$parent_id')}
        where ${wall.of('m')} and m.parent_id = ${sql.placeholder('$id')}`,
      bound,
    )
    await this.records.delete(id)
    await announce(this.ctx, 'deleted', message)
  }

  /** @throws AppError `not_found`, `permission_denied` */
  pin(id: number): Promise<Message> {
    return this.#setPinned(id, true)
  }

  /** @throws AppError `not_found`, `permission_denied` */
  unpin(id: number): Promise<Message> {
    return this.#setPinned(id, false)
  }

  /** @throws AppError `not_found`, `validation_error` for what is no emoji, `bad_request` for one too many */
  async react(id: number, emoji: string): Promise<Message> {
    demandCompany(this.ctx)
    const message = await this.seen(id)
    await addReaction(this.ctx, message, emoji)
    return this.detail(message)
  }

  /** @throws AppError `not_found`, `validation_error` for what is no emoji */
  async unreact(id: number, emoji: string): Promise<void> {
    demandCompany(this.ctx)
    await removeReaction(this.ctx, await this.seen(id), emoji)
  }

  /** Notes that the caller has read it. @throws AppError `not_found` */
  async read(id: number): Promise<void> {
    demandCompany(this.ctx)
    await markRead(this.ctx, await this.seen(id))
  }

  async #setPinned(id: number, is_pinned: boolean): Promise<Message> {
    demandCompany(this.ctx)
    const message = await this.seen(id)
    demandMayPin(this.ctx, message)
    if (message.is_pinned === is_pinned) return this.detail(message)
    const changed = await this.records.update(id, { is_pinned })
    await announce(this.ctx, 'updated', changed)
    return this.detail(changed)
  }

  /** Below which other message a new one stands, and whether it is internal. */
  async #placeOf({ model_name, record_id, parent_id, message_type, is_internal }: NewMessage) {
    const parent = parent_id ? await this.find(parent_id) : undefined
    if (parent_id && (parent?.model_name !== model_name || parent.record_id !== record_id))
      throw new AppError('invalid_reference', 'parent_id refers to something that does not exist')
    const internal = is_internal ?? (parent?.is_internal === true || message_type === MessageType.NOTE)
    if (internal && !readsInternal(this.ctx)) throw new AppError('permission_denied', `Missing permission: ${INTERNAL}`)
    // A message for all below one that they do not see would tell them of that one.
    if (parent?.is_internal && !internal)
      throw new AppError('bad_request', 'A reply to an internal message is internal')
    return { parent_id: parent_id ?? null, is_internal: internal }
  }
}

/** HTML as it is kept; null where nothing of it is left. */
const cleaned = (html: string | null | undefined): string | null => safeHtml(html ?? '').trim() || null
