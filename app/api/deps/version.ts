import type { IncomingHttpHeaders } from 'node:http'

/** The body with the version that the caller has seen: the body's own, else that of `If-Match: "3"` (RFC 9110 §13.1.1). */
export function withVersion<Body extends object & { version?: number }>(
  body: Body,
  headers: IncomingHttpHeaders,
): Body {
  const [, tag] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(headers['if-match'] ?? '') ?? []
  return body.version === undefined && tag ? { ...body, version: Number(tag) } : body
}
