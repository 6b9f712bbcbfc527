import type { RouteOptions } from 'fastify'
import { ERRORS } from '../../core/errors.ts'
import { ErrorResponse, ValidationErrorResponse } from '../../schemas/common.ts'
import { takesKey } from '../deps/idempotency.ts'
import type { Components } from './components.ts'
import type { JsonSchema } from './json-schema.ts'

/** What any route may answer, whatever it is about: too long an address, too many headers. */
const SERVER_WIDE = [414, 431]
/**
 * What any route of the API may answer besides: what the middleware refuses (an attack, where that blocks; too many requests),
 * and outages. Another such error adds its status here.
 */
const APP_WIDE = [403, 429, 503]
/** The first error of each status stands for all. */
const REASONS: Record<number, string> = Object.fromEntries(Object.values(ERRORS).toReversed())

const seconds = { type: 'integer', description: 'Seconds to wait before the next try' }
const HEADERS: Record<number, Record<string, JsonSchema>> = {
  401: { 'WWW-Authenticate': { type: 'string', description: '`Bearer`' } },
  429: {
    'Retry-After': seconds,
    'X-RateLimit-Limit': { type: 'integer', description: 'Requests that are allowed in the window' },
    'X-RateLimit-Remaining': { type: 'integer', description: 'Of these, the ones that are left' },
    'X-RateLimit-Reset': { type: 'integer', description: 'When all are there again, in seconds since 1970' },
  },
  503: { 'Retry-After': seconds },
}

/**
 * The error replies that a route's own parts make possible, by status: its guard, what it reads, and its method. What its
 * handler refuses besides, it declares itself: `response: { 404: ErrorResponse }`.
 */
export function errorReplies(
  schema: Record<string, unknown>,
  { method, config = {}, preHandler }: RouteOptions,
  url: string,
  components: Components,
): Record<string, JsonSchema> {
  const { permissions } = config
  const isWrite = ![method].flat().includes('GET')
  const readsKey = takesKey({ preHandler }) && [method].flat().includes('POST')
  const statuses: [number, unknown][] = [
    [400, schema['body'] ?? schema['params']], // a value that is taken, a rule against the change, an address that is none
    [401, permissions],
    [403, permissions], // a permission, another company, or an account's own affairs by API key
    [404, schema['params']],
    [409, isWrite && permissions],
    [413, isWrite],
    [415, isWrite],
    // Whoever sends a body where none is read can send a broken one; and a guard reads X-Company-ID.
    [422, isWrite || readsKey || schema['querystring'] || schema['params'] || permissions],
    ...SERVER_WIDE.map((status): [number, true] => [status, true]),
    ...(url.startsWith('/api/v1/') ? APP_WIDE.map((status): [number, true] => [status, true]) : []),
  ]
  return Object.fromEntries(
    statuses.flatMap(([status, possible]) =>
      possible ? [[String(status), errorReply(status, components, readsKey)]] : [],
    ),
  )
}

/**
 * An error as the document has it: JSON, whatever the route's own replies are. With an Idempotency-Key a 422 may say that the
 * key was used with another request: no list of faults then.
 */
export function errorReply(status: number, components: Components, readsKey = false): JsonSchema {
  const one = components.inline(ErrorResponse, 'output')
  const many = components.inline(ValidationErrorResponse, 'output')
  const schema = status !== 422 ? one : readsKey ? { anyOf: [many, one] } : many
  return {
    description: REASONS[status] ?? 'Refused',
    content: { 'application/json': { schema } },
    ...(HEADERS[status] && { headers: HEADERS[status] }),
  }
}
