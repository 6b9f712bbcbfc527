import type { FastifyInstance } from 'fastify'
import type { Settings } from '../core/config.ts'

const NOTHING_ELSE = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'"

/** The documentation pages run scripts and inline styles of their own; nothing comes from another address. */
export const DOCS_CSP = `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; ${NOTHING_ELSE}`

/** Security headers (OWASP Secure Headers). */
export const securityHeadersOf = ({ ENVIRONMENT }: Pick<Settings, 'ENVIRONMENT'>): [name: string, value: string][] =>
  Object.entries({
    'content-security-policy': `default-src 'none'; ${NOTHING_ELSE}`,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-xss-protection': '0', // the filter it would switch on is retired and was itself a hole
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy':
      'accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
    'cache-control': 'no-store',
    ...(ENVIRONMENT === 'production' && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  })

/**
 * Puts them on every reply. They are put together once: per request they cost a loop. Not on Node's own reply: whatever is
 * there already makes it take all the others one by one.
 */
export function securityHeaders(app: FastifyInstance, settings: Pick<Settings, 'ENVIRONMENT'>): void {
  const headers = Object.fromEntries(securityHeadersOf(settings))
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    reply.header('x-request-id', request.id)
    done()
  })
}
