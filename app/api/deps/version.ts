import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../../core/errors.ts'

/** The body with the version that the caller has seen: the body's own, else that of `If-Match`. @throws AppError as `versionIn` */
export function withVersion<Body extends object & { version?: number }>(
  body: Body,
  headers: IncomingHttpHeaders,
): Body {
  const version = body.version ?? versionIn(headers)
  return version === undefined ? body : { ...body, version }
}

/**
 * The version that `If-Match: "3"` asks for (RFC 9110 §13.1.1); undefined where any will do.
 * @throws AppError `stale_version` for a tag that no version has: a condition that cannot be met is not one to ignore
 */
export function versionIn({ 'if-match': condition }: IncomingHttpHeaders): number | undefined {
  if (!condition || condition === '*') return undefined
  const [, tag] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(condition) ?? []
  if (tag === undefined) throw new AppError('stale_version')
  return Number(tag)
}
