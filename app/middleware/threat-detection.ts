import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Settings } from '../core/config.ts'
import { networkOf } from '../core/addresses.ts'
import { AppError } from '../core/errors.ts'
import { FloodGate } from '../core/flood-gate.ts'
import { type Assessment, HARMLESS, assess, together } from '../core/threats/assess.ts'
import { TokenBucket } from '../core/token-bucket.ts'
import { recordThreat } from '../services/activity/threat.ts'
import { type Severity, logSecurityEvent } from './security-log.ts'
import { whoSent } from './who-sent.ts'

export type ThreatSettings = Pick<
  Settings,
  'THREAT_DETECTION_ENABLED' | 'THREAT_SCORE' | 'THREAT_BLOCK' | 'THREAT_BLOCK_SCORE'
>

declare module 'fastify' {
  interface FastifyInstance {
    /** Looks at the address of a request that reaches no route, and so no hook, and tells of it. */
    examineUnroutable: (request: FastifyRequest, reply: FastifyReply) => void
  }
  interface FastifyRequest {
    /** How much the request looks like an attack, as far as it was looked at; null before, as of one that CORS has answered. */
    threat: Assessment | null
  }
}

// One entry a minute of one caller and kind; of callers who are not logged in, sixty at once and one a second in all. Each
// process counts for itself.
const PERIOD_MS = 60_000
const MOST_CALLERS = 10_000
const ANONYMOUS_PER_SECOND = 1
const ANONYMOUS_BURST = 60

/**
 * Looks at every request for attacks: path, query and headers before anybody is asked who calls, the body once it is parsed.
 * From `THREAT_SCORE` on a request is told of in the security log and in the activity log, and goes on; from
 * `THREAT_BLOCK_SCORE` on it is refused, where `THREAT_BLOCK` says so. See docs/threats.md.
 */
export function threatDetection(app: FastifyInstance, settings: ThreatSettings): void {
  const { THREAT_DETECTION_ENABLED, THREAT_SCORE, THREAT_BLOCK, THREAT_BLOCK_SCORE } = settings
  const report = reporter(THREAT_BLOCK ? THREAT_BLOCK_SCORE : Infinity)
  const isSuspicious = ({ threat }: FastifyRequest): boolean => (threat?.score ?? 0) >= THREAT_SCORE
  app.decorateRequest('threat', null)
  app.decorate('examineUnroutable', (request, reply) => {
    request.threat = THREAT_DETECTION_ENABLED ? assess(addressOf(request)) : HARMLESS
    if (isSuspicious(request)) report(request, reply)
  })
  if (!THREAT_DETECTION_ENABLED) return

  const refused = ({ threat }: FastifyRequest): AppError | undefined =>
    THREAT_BLOCK && (threat?.score ?? 0) >= THREAT_BLOCK_SCORE ? new AppError('request_blocked') : undefined
  app.addHook('onRequest', (request, _reply, done) => {
    request.threat = assess(addressOf(request))
    done(refused(request))
  })
  // Before validation, so that bodies that will be refused are looked at, too.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined || request.body === null) return done()
    request.threat = together(request.threat ?? HARMLESS, assess({ body: request.body }))
    done(refused(request))
  })
  // A connection that stays has its response at its end.
  app.addHook('preHandler', (request, reply, done) => {
    done()
    if (request.routeOptions.config.live && isSuspicious(request)) report(request, reply)
  })
  app.addHook('onResponse', (request, reply, done) => {
    done()
    if (isSuspicious(request)) report(request, reply)
  })
}

function addressOf({ url, headers }: FastifyRequest) {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, headers } : { path: url.slice(0, mark), query: url.slice(mark + 1), headers }
}

/** Tells of a request once, in the log at once and in the database after the reply. */
function reporter(blockScore: number) {
  const gate = new FloodGate(PERIOD_MS, MOST_CALLERS)
  const anonymous = new TokenBucket(ANONYMOUS_PER_SECOND, ANONYMOUS_BURST)
  const told = new WeakSet<FastifyRequest>()

  return (request: FastifyRequest, reply: FastifyReply): void => {
    if (told.has(request)) return
    told.add(request)
    const { threat, principal, server } = request
    if (!threat) return
    server.metrics.count('fastvue_threat_findings_total', categoryOf(threat))
    const user_id = principal?.user.id ?? null
    const left_out = gate.take(`${user_id ?? networkOf(request.ip)} ${categoryOf(threat)}`)
    if (left_out === undefined || (user_id === null && !anonymous.take()))
      return logThreat(request, threat, user_id, blockScore)
    server.auth.background.run(async () => {
      const { company_id, ...actor } = await whoSent(request)
      logThreat(request, threat, actor.user_id, blockScore)
      const { method, routeOptions } = request
      const about = { method, route: routeOptions?.url ?? null, status: reply.statusCode, left_out }
      await recordThreat(server.auth, { ...threat, ...about, actor, company_id, blocked: threat.score >= blockScore })
    })
  }
}

function logThreat(
  request: FastifyRequest,
  { score, findings }: Assessment,
  user_id: number | null,
  blockScore: number,
): void {
  const details = {
    score,
    blocked: score >= blockScore,
    findings: findings.map(({ rule, where, points }) => ({ rule, where, points })),
  }
  logSecurityEvent({ event_type: 'suspicious_request', request, user_id, severity: severityOf(score), details })
}

const severityOf = (score: number): Severity => (score >= 80 ? 'CRITICAL' : score >= 50 ? 'HIGH' : 'MEDIUM')

/** What most of the points are for. */
const categoryOf = ({ findings }: Assessment): string =>
  findings.reduce((most, finding) => (finding.points > most.points ? finding : most), { points: 0, category: '' })
    .category
