import { z } from 'zod'
import { isSafeLink } from '../core/links.ts'
import { MessageLevel, MessageType } from '../models/message.ts'
import { Id, JsonObject, PathId, Timestamp, choiceResponse, jsonInput, text } from './common.ts'
import { type ListQuery, listQueryWith } from './list-query.ts'

const LONGEST_TEXT = 50_000
// In whatever script it is written, and with what becomes of its HTML: a page of 200 messages then has 10 MB of it.
const MOST_BYTES = 50_000
// What it costs to make HTML harmless grows with the square of its depth: 33,000 tags inside each other take a quarter of a second.
const MOST_TAGS = 2000
const LEVELS = Object.values(MessageLevel)

const AttachmentInput = z
  .strictObject({
    name: text(1, 255).regex(/^[^/\\\p{Cc}]+$/u, 'must be the name of a file, without a path'),
    url: text(1, 2000)
      .refine(isSafeLink, 'must be an http or https address, or a path that begins with one "/"')
      .meta({ examples: ['/files/42'] }),
    content_type: z
      .string()
      .regex(/^[\w.+-]{1,100}\/[\w.+-]{1,100}$/, 'must be a media type such as application/pdf')
      .optional(),
    size: z.int().nonnegative().optional().meta({ description: 'bytes' }),
  })
  .meta({ id: 'AttachmentInput' })

const content = {
  body: text(1, LONGEST_TEXT).refine((body) => body.trim() !== '', 'must not be blank'),
  body_html: text(0, LONGEST_TEXT)
    .refine((html) => html.split('<', MOST_TAGS + 2).length <= MOST_TAGS + 1, `must have at most ${MOST_TAGS} tags`)
    .nullable()
    .meta({ description: 'Kept without anything that runs, loads or styles; a new `body` without it removes it' }),
  subject: text(0, 255).nullable(),
  attachments: z.array(AttachmentInput).max(20),
  metadata: jsonInput(),
}

/** The rule for all content of a message together, as it is kept. */
export const isShortContent = ({ subject, body, body_html, attachments, metadata }: z.input<typeof MessageUpdate>) =>
  Buffer.byteLength(JSON.stringify([subject, body, body_html, attachments, metadata])) <= MOST_BYTES
export const SHORT_CONTENT = `text, HTML, attachments and metadata must have at most ${MOST_BYTES} bytes together`

const record = {
  model_name: text(1, 100).meta({ description: 'The table of the record', examples: ['products'] }),
  record_id: Id,
}

export const MessageCreate = z
  .strictObject({
    ...record,
    ...content,
    parent_id: Id.nullable().meta({ description: 'The message of the same record that this one answers' }),
    message_type: z.enum(Object.values(MessageType)).meta({
      description: '`system`, `notification` and `log` only for who has `message.internal`, and for good',
    }),
    level: z.enum(LEVELS),
    is_internal: z.boolean().meta({
      description:
        'Only for who has `message.internal`, and for good; by default true for a `note` and for a reply to an internal message',
    }),
    company_id: Id,
  })
  .partial()
  .required({ model_name: true, record_id: true, body: true })
  .meta({ id: 'MessageCreate' })

export const MessageUpdate = z.strictObject(content).partial().meta({ id: 'MessageUpdate' })

const Person = z
  .object({ id: Id, username: z.string(), full_name: z.string().nullable() })
  .meta({ id: 'MessagePerson' })

/** What a list of messages can be filtered and sorted by: the columns that it shows. */
const MessageFields = z.object({
  id: Id,
  company_id: Id,
  model_name: z.string(),
  record_id: Id,
  parent_id: Id.nullable(),
  user_id: Id.nullable(),
  subject: z.string().nullable(),
  body: z.string(),
  body_html: z.string().nullable(),
  message_type: choiceResponse(Object.values(MessageType)),
  level: choiceResponse(LEVELS),
  is_internal: z.boolean(),
  is_pinned: z.boolean(),
  edited_at: Timestamp.nullable(),
  created_at: Timestamp,
  updated_at: Timestamp,
})

export const MessageResponse = MessageFields.extend({
  attachments: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      content_type: z.string().optional(),
      size: z.int().optional(),
    }),
  ),
  metadata: JsonObject,
  author: Person.nullable().meta({ description: 'null for who is no longer a member, and for what nobody wrote' }),
  mentions: z.array(Person),
  reactions: z.array(z.object({ emoji: z.string(), count: z.int(), reacted: z.boolean() })),
  reply_count: z.int(),
  is_read: z.boolean(),
}).meta({ id: 'Message' })

const recordParameters = {
  model_name: record.model_name,
  record_id: PathId,
}
const internalParameter = {
  include_internal: z
    .stringbool()
    .default(true)
    .meta({ description: 'false leaves internal messages out; who may not read them never gets any' }),
}

export const RecordQuery = z.strictObject({
  ...recordParameters,
  company_id: PathId.optional(),
})
const choices = { message_type: Object.values(MessageType), level: LEVELS }
export const ThreadQuery = notByText(
  listQueryWith(MessageFields, { ...recordParameters, ...internalParameter }, { choices }),
)
export const ReplyQuery = notByText(listQueryWith(MessageFields, internalParameter, { choices }))

/**
 * No order by text: a thread is read in the order of what was said. (A cursor compares with rows of its own list alone; without
 * such orders it could not compare a text with that of an internal message, even if a list forgot to leave those out.)
 */
function notByText<Query extends z.ZodType<ListQuery>>(schema: Query): Query {
  const checked = schema.superRefine(({ sort }, context) => {
    for (const { field } of sort.filter(({ kind }) => kind === 'string'))
      context.addIssue({
        code: 'custom',
        path: ['sort'],
        message: `messages cannot be sorted by "${field}"`,
        params: { type: 'unknown_field' },
      })
  })
  return checked.meta(schema.meta() ?? {})
}

export const ReactionParams = z.strictObject({
  id: PathId,
  emoji: text(1, 64),
})

export const FollowerResponse = z
  .object({ id: Id, user_id: Id, created_at: Timestamp, username: z.string(), full_name: z.string().nullable() })
  .meta({ id: 'Follower' })

export const FollowerQuery = listQueryWith(z.object({ id: Id, user_id: Id, created_at: Timestamp }), recordParameters)

export const FollowersInput = z
  .strictObject({ user_ids: z.array(Id).min(1).max(100), company_id: Id.optional() })
  .partial()
  .nullish()
  .meta({ id: 'FollowersInput', description: 'Without it, the caller follows' })
