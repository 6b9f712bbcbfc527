import type { FastifyReply, FastifyRequest } from 'fastify'
import { clip, maskSecrets } from '../core/secret-names.ts'
import { pathOf } from './masked-request.ts'

export type Severity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL'

export interface SecurityEvent {
  /** What happened, in the words of a program: `suspicious_request`. */
  event_type: string
  request: FastifyRequest
  /** Whom it is about; by default who makes the request. */
  user_id?: number | null
  severity?: Severity
  /** More about it. Secrets in it are masked by their names. */
  details?: Record<string, unknown>
}

const LEVELS = { LOW: 'info', MEDIUM: 'warn', HIGH: 'error', CRITICAL: 'error' } as const

/** Writes a line to the security log. Whatever the request holds, it is one line of JSON. */
export function logSecurityEvent({ event_type, request, user_id, severity = 'MEDIUM', details }: SecurityEvent): void {
  const { method, ip, headers, id, server } = request
  const line = {
    event_type,
    severity,
    user_id: user_id === undefined ? (request.principal?.user.id ?? null) : user_id,
    ip,
    method,
    path: pathOf(request),
    user_agent: clip(headers['user-agent'] ?? '', 500),
    request_id: id,
    ...(details && { details: maskSecrets(details) }),
  }
  server.securityLog[LEVELS[severity]](line, 'security')
}

/** What a reply of these statuses is called, and how grave it is. */
const REFUSALS: Record<number, [event_type: string, Severity] | undefined> = {
  401: ['authentication_failure', 'MEDIUM'],
  403: ['authorization_failure', 'MEDIUM'],
  429: ['rate_limit_exceeded', 'MEDIUM'],
}

/** Writes a line for a request that was refused, to whom and why. */
export function logRefusal(request: FastifyRequest, reply: FastifyReply): void {
  const [event_type, severity] = REFUSALS[reply.statusCode] ?? []
  if (event_type) logSecurityEvent({ event_type, request, severity, details: { status: reply.statusCode } })
}
