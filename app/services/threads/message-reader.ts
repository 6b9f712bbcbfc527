import { AppError } from '../../core/errors.ts'
import { messages } from '../../models/index.ts'
import type { Filter, ListQuery } from '../../schemas/list-query.ts'
import { BaseCRUDService } from '../base.ts'
import type { Context } from '../context.ts'
import type { Page, Row } from '../record.ts'
import { type MessageDetails, detailsOf } from './details.ts'
import { type RecordName, demandRecord, readsInternal } from './records.ts'
import { aboutRecord } from './rules.ts'

export type StoredMessage = Row<typeof messages>
export type Message = StoredMessage & MessageDetails

/** A list's query; internal messages, for who may read them, unless it says not. */
export type MessageQuery = ListQuery & { include_internal?: boolean }

/** What part of a thread to read. */
export interface ThreadOptions {
  include_internal?: boolean
  /** 1 to 200; by default 50 */
  limit?: number
}

/**
 * What is said about records. A message is there for who may read its record now and, if it is internal, internal messages;
 * for all others it is `not_found`, which each method throws.
 */
export class MessageReader {
  protected readonly ctx: Context
  protected readonly records: MessageRecords

  constructor(ctx: Context) {
    this.ctx = ctx
    this.records = new MessageRecords(ctx)
  }

  /** A page of a record's thread, by default the oldest first. */
  async list(record: RecordName, { include_internal = true, ...query }: MessageQuery): Promise<Page<Message>> {
    const hidden = include_internal && readsInternal(this.ctx) ? [] : [PUBLIC]
    const filters = [...aboutRecord(record), ...hidden, ...query.filters]
    const [, page] = await Promise.all([demandRecord(this.ctx, record), this.records.getMulti({ ...query, filters })])
    return { ...page, items: await this.#detailed(page.items) }
  }

  /** A page of the direct replies to a message. */
  async listReplies(id: number, query: MessageQuery): Promise<Page<Message>> {
    const parent = await this.seen(id)
    const reply: Filter = { field: 'parent_id', operator: 'eq', value: id }
    return this.list(parent, { ...query, filters: [reply, ...query.filters] })
  }

  /** A page of a record's pinned messages, by default the newest first. */
  async listPinned(record: RecordName, query: MessageQuery): Promise<Page<Message>> {
    const sort = query.sort.length ? query.sort : [NEWEST]
    return this.list(record, { ...query, sort, filters: [PINNED, ...query.filters] })
  }

  /** The first messages of a record's thread. */
  async getThread({ model_name, record_id, ...options }: RecordName & ThreadOptions): Promise<Message[]> {
    return (await this.list({ model_name, record_id }, firstPage(options))).items
  }

  /** The first direct replies to a message. */
  async getReplies(id: number, options: ThreadOptions = {}): Promise<Message[]> {
    return (await this.listReplies(id, firstPage(options))).items
  }

  /** The newest pinned messages of a record. */
  async getPinned({ model_name, record_id, ...options }: RecordName & ThreadOptions): Promise<Message[]> {
    return (await this.listPinned({ model_name, record_id }, firstPage(options))).items
  }

  async get(id: number): Promise<Message> {
    return this.detail(await this.seen(id))
  }

  /** A message that the caller may read. */
  protected async seen(id: number): Promise<StoredMessage> {
    const message = await this.find(id)
    const readable = message && (await demandRecord(this.ctx, message).then(() => true, ifNotFound))
    if (!readable) throw new AppError('not_found', 'Message not found')
    return message
  }

  /** A message of the company; an internal one only for who may read those. */
  protected async find(id: number): Promise<StoredMessage | undefined> {
    const message = await this.records.get(id).catch(ifNotFound)
    return message?.is_internal && !readsInternal(this.ctx) ? undefined : message
  }

  protected async detail(message: StoredMessage): Promise<Message> {
    const [detailed] = await this.#detailed([message])
    if (!detailed) throw new AppError('not_found', 'Message not found')
    return detailed
  }

  async #detailed(rows: StoredMessage[]): Promise<Message[]> {
    const ids = rows.map(({ id }) => id)
    const details = await detailsOf(this.ctx, ids)
    return rows.flatMap((row) => {
      const more = details.get(row.id)
      return more ? [{ ...row, ...more }] : []
    })
  }
}

class MessageRecords extends BaseCRUDService<typeof messages> {
  protected override readonly search = ['subject', 'body']

  constructor(ctx: Context) {
    super(messages, ctx)
  }
}

const PUBLIC: Filter = { field: 'is_internal', operator: 'eq', value: false }
const PINNED: Filter = { field: 'is_pinned', operator: 'eq', value: true }
const NEWEST = { field: 'id', kind: 'integer', descending: true } as const

const firstPage = ({ limit = 50, include_internal }: ThreadOptions): MessageQuery => ({
  page: 1,
  page_size: Math.min(Math.max(limit, 1), 200),
  with_total: false,
  sort: [],
  filters: [],
  include_internal,
})

function ifNotFound(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'not_found') return undefined
  throw error
}
