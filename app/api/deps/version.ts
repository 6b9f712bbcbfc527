import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../../core/errors.ts'

/**
 * The body with the version that the caller has seen: the body's own, else that of `If-Match: "3"` (RFC 9110 §13.1.1).
 * @throws AppError `stale_version` for a tag that no version has: a condition that cannot be met is not one to ignore
 */
export function withVersion<Body extends object & { version?: number }>(
  body: Body,
  { 'if-match': condition }: IncomingHttpHeaders,
): Body {
  if (body.version !== undefined || !condition || condition === '*') return body
  const [, tag] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(condition) ?? []
  if (tag === undefined) throw new AppError('stale_version')
  return { ...body, version: Number(tag) }
}
