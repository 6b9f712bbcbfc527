import Fastify, { type FastifyBaseLogger, LogController, type RouteOptions } from 'fastify'
import { api } from './api/main.ts'
import { acceptJson } from './api/http/bodies.ts'
import { endUnitsOfWork } from './api/deps/database.ts'
import { handleError, handleNotFound } from './api/http/error-handler.ts'
import { decorateRequests } from './api/http/request.ts'
import { unroutable } from './api/http/unroutable.ts'
import { type App, type ZodTypes, serializerCompilerFor, validatorCompiler } from './api/http/type-provider.ts'
import type { Cache } from './core/cache.ts'
import { Background } from './core/background.ts'
import type { Settings } from './core/config.ts'
import { LIMITS, type Limits } from './core/limits.ts'
import { LogLevels } from './core/log-levels.ts'
import { Metrics } from './core/metrics/metrics.ts'
import { openMailer } from './core/mail.ts'
import type { RateLimiter } from './core/rate-limits/limiter.ts'
import { MemoryLimiter } from './core/rate-limits/memory-limiter.ts'
import type { Tracing } from './core/tracing.ts'
import { createTokens } from './core/tokens.ts'
import type { Engine } from './db/engine.ts'
import { crossOrigin } from './middleware/cross-origin.ts'
import { currentRequests } from './middleware/current-request.ts'
import { draining } from './middleware/draining.ts'
import { loadShedding } from './middleware/load-shedding.ts'
import { countingRefusals, rateLimiting } from './middleware/rate-limiting.ts'
import { EXCLUDED_PATHS, requestLogging } from './middleware/request-logging.ts'
import { requestLimits, serverLimits } from './middleware/request-limits.ts'
import { requestMetrics } from './middleware/request-metrics.ts'
import { traceRequests } from './middleware/tracing.ts'
import { shouldUpgrade, upgrades } from './middleware/upgrades.ts'
import { securityHeaders } from './middleware/security.ts'
import { threatDetection } from './middleware/threat-detection.ts'
import { unreadBodies } from './middleware/unread-bodies.ts'
import { AccountTurns } from './services/auth/account-turns.ts'
import { ApiKeyUses } from './services/auth/api-key-uses.ts'
import { Live } from './services/live/live.ts'
import { type LiveTiming, TIMING } from './services/live/parts.ts'
import { observeParts } from './services/observed-parts.ts'
import { PrincipalStore } from './services/principal-store.ts'

export interface AppParts {
  settings: Settings
  engine: Engine
  cache: Cache
  logger: FastifyBaseLogger
  /** Where refusals and suspicions are written: an audit of its own. */
  security: FastifyBaseLogger
  /** Counts requests for the rate limits: in this process's memory, unless given. */
  limiter?: RateLimiter
  /** Told of every route: its address, its guard and its limits. */
  onRoute?: (route: RouteOptions) => void
  tracing?: Tracing | undefined
  /** Other times of live events than the usual ones. */
  timing?: Partial<LiveTiming>
  /** Other limits than the usual ones. */
  limits?: Partial<Limits>
}

/** The whole application on an open database. It does not listen: `main.ts` does. */
export async function createApp(parts: AppParts): Promise<App> {
  const { settings, engine, cache, logger, security, limiter, onRoute, timing, limits, tracing } = parts
  const limit: Limits = { ...LIMITS, ...limits }
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }), // requestLogging writes the line
    childLoggerFactory: (log) => log, // `currentRequests` tells whose a line is, without a logger for each request
    requestIdHeader: false,
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    trustProxy: settings.TRUSTED_PROXIES.length ? settings.TRUSTED_PROXIES : false,
    return503OnClosing: false, // `draining` lets them finish
    bodyLimit: settings.BODY_LIMIT_MB * 1024 * 1024,
    routerOptions: { ignoreTrailingSlash: true },
    ...serverLimits(limit),
    http: { ...serverLimits(limit).http, shouldUpgradeCallback: shouldUpgrade },
    ...unroutable(settings),
  }).withTypeProvider<ZodTypes>()

  if (onRoute) app.addHook('onRoute', onRoute)
  acceptJson(app)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompilerFor(settings.ENVIRONMENT === 'production'))
  app.setErrorHandler(countingRefusals(handleError))
  app.setNotFoundHandler(handleNotFound)

  const tokens = createTokens(settings)
  const principals = new PrincipalStore(engine, settings)
  app.decorate('settings', settings)
  app.decorate('engine', engine)
  app.decorate('cache', cache)
  app.decorate('tokens', tokens)
  app.decorate('principals', principals)
  app.decorate('securityLog', security)
  const levels = new LogLevels(settings)
  const mailer = openMailer(settings, levels.logger(logger, 'app.core.mail'))
  const background = new Background(logger)
  const auth = { engine, settings, tokens, mailer, background, turns: new AccountTurns() }
  app.decorate('auth', auth)
  app.decorate('apiKeyUses', new ApiKeyUses(auth))
  const liveLogger = levels.logger(logger, 'app.services.live')
  const live = new Live({ engine, settings, principals, logger: liveLogger, timing: { ...TIMING, ...timing } })
  app.decorate('live', live)
  const metrics = new Metrics()
  app.decorate('metrics', metrics)
  observeParts(metrics, { version: settings.VERSION, engine, cache, principals, clients: live.clients })
  decorateRequests(app)
  app.addHook('onReady', () => principals.listen().then(() => live.start()))
  app.addHook('preClose', () => live.stop())
  app.addHook('onClose', async () => {
    await background.settled()
    await mailer.close()
    await principals.close()
  })

  // Middleware, outermost first.
  await traceRequests(app, tracing)
  requestMetrics(app, metrics)
  currentRequests(app)
  securityHeaders(app, settings)
  requestLogging(app, { levels, excluded_paths: [...EXCLUDED_PATHS, ...settings.LOG_EXCLUDED_PATHS] })
  await crossOrigin(app, settings)
  requestLimits(app, limit)
  unreadBodies(app, limit)
  loadShedding(app, limit)
  if (settings.RATE_LIMIT_ENABLED)
    rateLimiting(app, {
      requests_per_minute: settings.RATE_LIMIT_PER_MINUTE,
      burst_limit: settings.RATE_LIMIT_BURST,
      user_requests_per_minute: settings.RATE_LIMIT_USER_PER_MINUTE,
      user_burst_limit: settings.RATE_LIMIT_USER_BURST,
      endpoints: settings.RATE_LIMIT_ENDPOINTS,
      secret: settings.SECRET_KEY,
      limiter: limiter ?? new MemoryLimiter(),
    })
  threatDetection(app, settings)
  endUnitsOfWork(app)
  draining(app, () => live.stop())
  upgrades(app)

  await api(app)
  return app
}

/** A caller's own id is kept where it is harmless in a log line. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID()
}
