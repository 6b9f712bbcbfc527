import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type ErrorCode, appErrorIn } from '../../core/errors.ts'

/** Fastify's own refusals in our words. The rest of its 4xx are `bad_request`. */
const FASTIFY: Record<string, [ErrorCode, string?]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['validation_error', 'not valid JSON'],
}

/** Turns whatever was thrown into the one error shape. Only an `AppError`'s text reaches the caller. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = appErrorIn(error) ?? fromFastify(error)
  if (known && isShed(known)) request.log.warn({ reason: known.message, request_id: request.id }, 'request turned away')
  else if (!known || known.status >= 500) request.log.error({ err: error, request_id: request.id }, 'request failed')
  const { code, status, detail } = known ?? new AppError('internal_error')
  request.server.metrics.count('fastvue_errors_total', code)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '1')
  return reply
    .removeHeader('location') // a commit that failed has made nothing
    .code(status)
    .serializer(JSON.stringify)
    .type('application/json; charset=utf-8')
    .send({ detail, code, request_id: request.id })
}

/** Nothing has failed, and a stack for each would be more work than what was turned away. */
const isShed = ({ code, cause }: AppError): boolean => code === 'overloaded' && cause === undefined

export const handleNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  handleError(new AppError('not_found'), request, reply)

function fromFastify(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined // anything can be thrown
  const { code, statusCode = 500 } = error as FastifyError
  const [ours, msg] = FASTIFY[code] ?? []
  if (ours) return new AppError(ours, msg === undefined ? undefined : [{ loc: ['body'], msg, type: 'json_invalid' }])
  return statusCode < 500 ? new AppError('bad_request') : undefined
}
