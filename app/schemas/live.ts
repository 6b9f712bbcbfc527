import { z } from 'zod'

const number = z
  .string()
  .regex(/^\d{1,16}$/, 'expected a whole number')
  .transform(Number)
  .pipe(z.int().positive())

const position = {
  since: number.optional().meta({
    description: 'The `id` of the last event that you have seen: what came after it is told first',
    examples: ['7412345678901234'],
  }),
  company_id: number.optional().meta({ description: 'Another of your companies than the one of your token' }),
}

export const EventsQuery = z.strictObject(position)

export const SocketQuery = z.strictObject({
  ...position,
  token: z.string().max(4096).optional().meta({
    description: 'An access token; better in `Sec-WebSocket-Protocol: bearer, <token>`, where no log finds it',
  }),
})

/** One line of a stream, as it is in `data:`. */
export const LiveEvent = z
  .object({
    type: z.string().meta({ examples: ['message:new'] }),
    data: z.record(z.string(), z.unknown()),
    timestamp: z.string().meta({ format: 'date-time' }),
    id: z.int().nullable().meta({ description: 'Where to go on from; null for what is not kept' }),
  })
  .meta({ id: 'LiveEvent' })

const Typing = z.strictObject({ model_name: z.string().min(1).max(100), record_id: z.int().positive() })

/** What a client may say. */
export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping'), data: z.unknown().optional() }),
  z.strictObject({ type: z.literal('presence:list') }),
  z.strictObject({ type: z.literal('typing:start'), data: Typing }),
  z.strictObject({ type: z.literal('typing:stop'), data: Typing }),
])
export type ClientMessage = z.output<typeof ClientMessage>
