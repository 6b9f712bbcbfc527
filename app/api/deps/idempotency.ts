import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { IdempotencyService } from '../../services/idempotency.ts'

/**
 * `Idempotency-Key` on a POST: answers a repeated request with the first reply. The key is taken in the request's own
 * transaction, so that two at once wait for each other and work that fails leaves the key free.
 */
export async function replayReply(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> {
  const key = request.headers['idempotency-key']
  if (key === undefined || request.method !== 'POST' || request.ctx.company_id === null) return
  if (typeof key !== 'string' || key.length < 1 || key.length > 255)
    throw new AppError('validation_error', [
      { loc: ['header', 'idempotency-key'], msg: 'expected 1 to 255 characters', type: 'invalid_key' },
    ])
  const first = await new IdempotencyService(request.ctx).take(key, fingerprintOf(request))
  if (!first) {
    request.idempotencyKey = key
    return
  }
  if (first.location) reply.header('location', first.location)
  return reply
    .code(first.status)
    .header('idempotency-replayed', 'true')
    .type('application/json; charset=utf-8')
    .serializer(asIs)
    .send(first.body)
}

/** Keeps the reply with its key, in the same transaction as the work. */
export async function rememberReply(
  { idempotencyKey, ctx }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<void> {
  if (idempotencyKey === undefined) return
  const location = reply.getHeader('location')
  await new IdempotencyService(ctx).remember(idempotencyKey, {
    status: reply.statusCode,
    location: typeof location === 'string' ? location : null,
    body: typeof payload === 'string' ? payload : '',
  })
}

const asIs = (body: unknown) => String(body)

/** The checked body has its keys in the schema's order, so two spellings of one body are one. */
function fingerprintOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest('hex')
}
