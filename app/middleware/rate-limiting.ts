import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { SettingsError } from '../core/config.ts'
import { AppError, appErrorIn } from '../core/errors.ts'
import { canonicalPath, endpointLimits } from '../core/rate-limits/endpoint-limits.ts'
import type { Claim, Limit, RateLimiter, Verdict } from '../core/rate-limits/limiter.ts'
import { isNearly } from '../services/checks/nearly.ts'
import { RateLimitKeys } from './rate-limit-keys.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts requests; undefined where there are no rate limits. */
    rateLimits: RateLimits | undefined
  }
  interface FastifyRequest {
    /** What the rate limits said; null while they were not asked. */
    verdict: Verdict | null
  }
  interface FastifyContextConfig {
    /** Rate limits do not count this route: it is cheap, and asked for by machines and by browsers on their own. */
    unlimited?: boolean
    /** The field of the body that names the account: its limit of the endpoint is for each address and account. */
    account?: string
    /** The endpoint's own limit. Set by `rateLimiting`. */
    endpoint?: { path: string; limit: Limit }
  }
}

export interface RateLimitingOptions {
  /** Of one address, by callers who are not logged in; and as many more that are let through. */
  requests_per_minute: number
  burst_limit: number
  /** Of one user. */
  user_requests_per_minute: number
  user_burst_limit: number
  /** `PATH=REQUESTS/SECONDS`; these count besides. */
  endpoints: string[]
  /** What the names of accounts are hidden with. */
  secret: string
  limiter: RateLimiter
}

type Done = (error?: Error) => void
type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown

/**
 * Counts requests by user when known, else by address: after the guard knows who calls, and before the body is read. Who is
 * over a limit gets 429 `rate_limited`. See docs/rate-limits.md.
 * @throws SettingsError once the routes are known, naming the endpoints that are none
 */
export function rateLimiting(app: FastifyInstance, options: RateLimitingOptions): void {
  const limits = new RateLimits(options)
  const endpoints = endpointLimits(options.endpoints)
  const paths = new Set<string>()
  app.decorate('rateLimits', limits)
  app.decorateRequest('verdict', null)

  app.addHook('onRoute', (route) => {
    const path = canonicalPath(/^\/api\/v1(\/.*)$/.exec(route.url)?.[1] ?? '')
    const limit = endpoints.get(path)
    paths.add(path)
    if (!limit) return
    route.config = { ...route.config, endpoint: { path, limit } }
    if (route.config.account) route.preHandler = [countAccount, ...[route.preHandler ?? []].flat()]
  })
  app.addHook('onReady', async () => demandRoutes([...endpoints.keys()], [...paths]))
  app.addHook('preParsing', (request, reply, _payload, done) => {
    if (request.routeOptions.config.unlimited) done()
    else limits.count(request, reply, done)
  })
}

/** Before the handler, as the body says whose account it is. Names that are none count as well, so the reply tells nothing. */
function countAccount(request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { rateLimits } = request.server
  if (rateLimits) rateLimits.countAccount(request, reply, done)
  else done()
}

/**
 * Counts as well what is refused before it was counted, as a wrong token is: to try is not free. Over the limit the refusal is
 * a 429. That this process cannot serve is nobody's fault, and does not count.
 */
export const countingRefusals =
  (handle: ErrorHandler): ErrorHandler =>
  (error, request, reply) => {
    const { rateLimits } = request.server
    const isTheirs = (appErrorIn(error)?.status ?? 500) < 500
    if (!rateLimits || request.verdict || !isTheirs) return handle(error, request, reply)
    rateLimits.count(request, reply, (limited) => void handle(limited ?? error, request, reply))
    return reply
  }

/**
 * Counts for the address before a secret is looked up that may be a guess, so that guesses end at the limit, right ones too,
 * and ask the database no more. A right one counts for its user besides.
 * @throws AppError `rate_limited`
 */
export function countGuess(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  return new Promise((resolve, reject) => {
    const { rateLimits } = request.server
    if (rateLimits) rateLimits.count(request, reply, (limited) => (limited ? reject(limited) : resolve()))
    else resolve()
  })
}

function demandRoutes(wanted: string[], paths: string[]): void {
  const unknown = wanted.filter((path) => !paths.includes(path))
  if (unknown.length === 0) return
  throw new SettingsError(
    unknown.map((path) => {
      const near = paths.find((one) => isNearly(path, one))
      return `RATE_LIMIT_ENDPOINTS: there is no ${path} below /api/v1${near ? ` (${near}?)` : ' (./manage routes)'}`
    }),
  )
}

/** The limits of one application. */
export class RateLimits {
  readonly #limiter: RateLimiter
  readonly #anonymous: Limit
  readonly #user: Limit
  readonly #keys: RateLimitKeys

  constructor(options: RateLimitingOptions) {
    this.#limiter = options.limiter
    this.#anonymous = { requests: options.requests_per_minute, burst: options.burst_limit, seconds: 60 }
    this.#user = { requests: options.user_requests_per_minute, burst: options.user_burst_limit, seconds: 60 }
    this.#keys = new RateLimitKeys(options.secret)
  }

  /** Counts a request towards the general limit and its endpoint's, unless that waits for the body. */
  count(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const caller = this.#keys.callerOf(request)
    request.verdict = null // of what was counted before it was known who asks
    const claims = [{ key: caller, limit: request.principal ? this.#user : this.#anonymous }]
    const { endpoint, account } = request.routeOptions.config
    if (endpoint && !account) claims.push({ key: this.#keys.endpoint(endpoint.path, caller), limit: endpoint.limit })
    this.#take(claims, request, reply, done)
  }

  /** Counts towards the endpoint's limit for the account that the body names. */
  countAccount(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { endpoint, account } = request.routeOptions.config
    if (!endpoint || !account) return done()
    const caller = this.#keys.callerOf(request)
    const key = this.#keys.endpoint(endpoint.path, caller, this.#keys.accountIn(request.body, account))
    this.#take([{ key, limit: endpoint.limit }], request, reply, done)
  }

  #take(claims: Claim[], request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const verdict = this.#limiter.take(claims)
    if (verdict instanceof Promise) void verdict.then((one) => this.#tell(one, request, reply, done))
    else this.#tell(verdict, request, reply, done)
  }

  #tell(verdict: Verdict, request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { passed, limit, remaining, empty_in, wait } = verdict
    if (!passed || remaining <= (request.verdict?.remaining ?? Infinity)) {
      reply.header('x-ratelimit-limit', String(limit.requests))
      reply.header('x-ratelimit-remaining', String(remaining))
      reply.header('x-ratelimit-reset', String(Math.ceil((Date.now() + empty_in) / 1000)))
    }
    request.verdict = verdict
    if (passed) return done()
    reply.header('retry-after', String(Math.ceil(wait / 1000)))
    done(new AppError('rate_limited'))
  }
}
