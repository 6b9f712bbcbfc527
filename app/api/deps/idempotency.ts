import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { systemContext } from '../../services/context.ts'
import { IdempotencyService } from '../../services/idempotency.ts'

/** The key that a request has taken, and whether in a transaction of its own. */
export interface TakenKey {
  key: string
  apart: boolean
}

/**
 * `Idempotency-Key` on a POST: answers a repeated request with the first reply. The key is taken in the request's own
 * transaction, so that two at once wait for each other and work that fails leaves the key free.
 */
export const replayReply = (request: FastifyRequest, reply: FastifyReply) => replay(request, reply, false)

/**
 * The same where the work is not done in the request's transaction, as that on accounts is not: to hold one meanwhile would
 * hold the embedded database's one connection. The key is saved before the work and its reply after it; a second request
 * in between is a 409.
 */
export const replayAccountReply = (request: FastifyRequest, reply: FastifyReply) => replay(request, reply, true)

/** Whether a route, where it is called by POST, reads an Idempotency-Key. */
export const takesKey = ({ preHandler }: Pick<RouteOptions, 'preHandler'>): boolean =>
  [preHandler].flat().some((hook) => hook === replayReply || hook === replayAccountReply)

async function replay(request: FastifyRequest, reply: FastifyReply, apart: boolean): Promise<FastifyReply | void> {
  const key = request.headers['idempotency-key']
  if (key === undefined || request.method !== 'POST') return
  if (typeof key !== 'string' || key.length < 1 || key.length > 255)
    throw new AppError('validation_error', [
      { loc: ['header', 'idempotency-key'], msg: 'expected 1 to 255 characters', type: 'invalid_key' },
    ])
  const first = await withReplies(request, apart, (replies) => replies.take(key, textOf(request)))
  if (!first) {
    request.takenKey = { key, apart }
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

/** Keeps the reply with its key: in the same transaction as the work, or after it where that had its own. */
export async function rememberReply(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
  if (!request.takenKey) return
  const { key, apart } = request.takenKey
  const location = reply.getHeader('location')
  const kept = {
    status: reply.statusCode,
    location: typeof location === 'string' ? location : null,
    body: typeof payload === 'string' ? payload : '',
  }
  const remembered = withReplies(request, apart, (replies) => replies.remember(key, kept))
  // What was done apart stays done: its caller gets the reply, though a repeat will not.
  await (apart ? remembered.catch(logged(request)) : remembered)
}

/** Leaves the key of a request that failed free. One that was taken in its transaction goes with that. */
export async function releaseKey(request: FastifyRequest): Promise<void> {
  const { takenKey } = request
  if (!takenKey?.apart) return
  await withReplies(request, true, (replies) => replies.release(takenKey.key)).catch(logged(request))
}

function withReplies<R>(
  { ctx, principal, server }: FastifyRequest,
  apart: boolean,
  work: (replies: IdempotencyService) => Promise<R>,
): Promise<R> {
  const { engine, settings } = server
  const { company_id } = ctx
  const using = (db: Db) => work(new IdempotencyService(db, settings, { company_id, user_id: principal.user.id }))
  if (apart) return systemContext({ engine, settings, company_id: null }, ({ db }) => using(db))
  return company_id === null ? ctx.trusted(using) : using(ctx.db)
}

const logged = (request: FastifyRequest) => (error: unknown) =>
  request.log.error({ err: error, request_id: request.id }, 'the reply of an Idempotency-Key could not be kept')

const asIs = (body: unknown) => String(body)

/** The checked body has its keys in the schema's order, so two spellings of one body are one; of an address so are that with and without a slash at its end. */
const textOf = ({ method, url, body }: FastifyRequest): string =>
  `${method} ${url.replace(/\/(?=\?|$)/, '')}\n${JSON.stringify(body ?? null)}`
