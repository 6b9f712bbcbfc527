import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'
import type { App } from './api/http/type-provider.ts'
import { openCache } from './core/cache.ts'
import type { Settings } from './core/config.ts'
import { openLogs } from './core/logging.ts'
import { getLogger } from './core/module-logger.ts'
import { OperatorError } from './core/operator-error.ts'
import { openLimiter } from './core/rate-limits/open.ts'
import type { Tracing } from './core/tracing.ts'
import type { Engine } from './db/engine.ts'
import { tracedEngine } from './db/traced-engine.ts'
import { migrationsOf } from './db/migration-files.ts'
import { demandMigrated } from './db/migrator.ts'
import { checkStart, tellFindings } from './start-checks.ts'
import { aborted, stopSignal } from './stop-signal.ts'

const log = getLogger(import.meta.url)

// Longer than a statement may take (15 s), shorter than what process managers wait before they kill (30 s).
const GRACE_MS = 20_000
// For requests that are on their way: longer than a network takes. Who pressed Ctrl-C waits for it, and sends none.
const PATIENCE_MS = 2000

/**
 * Serves the application on an open database until the process is told to stop; then finishes what has begun, takes
 * nothing new, and closes everything, the database too. SIGHUP reopens the logs.
 * @param onListening gets the address, and what the terminal should be told of the set-up
 * @throws OperatorError when the database is not migrated, the port is taken, the log folder cannot be written, or checks
 * find in production what must not serve
 */
export async function serve(
  settings: Settings,
  engine: Engine,
  onListening: (url: string, warnings: string[]) => void,
): Promise<void> {
  await using opened = new AsyncDisposableStack() // closed in reverse order, also when one of the next steps fails
  opened.defer(() => engine.close())
  const stop = stopSignal()
  const migrations = migrationsOf(settings)
  const status = await demandMigrated(engine, migrations)
  const checked = checkStart(settings, engine, { migrations, status }) // while the application is built
  checked.catch(() => {}) // heard below, unless something else fails before
  const tracing = await openTracing(settings)
  const logs = openLogs(settings, tracing?.ids)
  opened.defer(() => logs.close())
  if (tracing) opened.defer(() => tracing.stop())
  process.on('SIGHUP', () => logs.reopen())
  const [cache, limiter] = await Promise.all([openCache(settings), openLimiter(settings)])
  opened.defer(() => Promise.all([cache.close(), limiter.close()]).then(() => {}))
  const seen = tracing ? tracedEngine(engine, tracing) : engine
  const { logger, security } = logs
  const app = await createApp({ settings, engine: seen, cache, limiter, logger, security, tracing })
  opened.defer(() => finish(app, stop.reason === 'SIGINT' ? 0 : PATIENCE_MS))
  const warnings = tellFindings(await checked, settings, logs.file)
  const url = await listen(app, settings)
  onListening(url, warnings)
  // Loaded once requests are served: nobody waits for it.
  const { startJobs } = await import('./services/jobs/start.ts')
  const jobs = startJobs({
    engine: seen,
    settings,
    mailer: app.auth.mailer,
    logger: getLogger('app.services.jobs'),
    trace: tracing?.run,
    onFinished: (name, result) => app.metrics.count('fastvue_jobs_finished_total', name, result),
  })
  opened.defer(() => jobs.stop())
  await aborted(stop)
}

/** Where nothing is traced, nothing of it is loaded: it would be most of the start. */
async function openTracing(settings: Settings): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = settings
  if (endpoint === undefined) return undefined
  const { startTracing } = await import('./core/open-telemetry.ts')
  return startTracing(settings, endpoint, (err) => log.warn({ err }, 'traces cannot be sent'))
}

/** @returns the address for a browser on this machine. */
async function listen(app: App, { HOST: host, PORT }: Settings): Promise<string> {
  // For "localhost" Fastify would open a second server, whose requests its `close` does not wait for.
  await app
    .listen({ host: host === 'localhost' ? '127.0.0.1' : host, port: PORT })
    .catch((error: NodeJS.ErrnoException) => {
      if (error instanceof OperatorError) throw error // of what is made ready before
      throw new OperatorError(`HOST, PORT: cannot listen on ${host}:${PORT}: ${reason(error)}`, { cause: error })
    })
  const { port } = app.server.address() as AddressInfo
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'another program uses the port'
  if (code === 'EACCES') return 'ports below 1024 need more rights'
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'this machine has no such address'
  return message
}

/** Waits for the requests that have begun, up to a limit: a caller that does not read its reply must not keep us. */
async function finish(app: App, patience: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), GRACE_MS)
  await app.drain(patience)
  await app.close()
  clearTimeout(cut)
}
