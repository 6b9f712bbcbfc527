import { z } from 'zod'
import type { Settings } from '../core/config.ts'
import { addressOptions, between, withAddress } from './address-options.ts'
import { CommandError, UsageError } from './command-error.ts'
import type { ManagementCommand } from './command.ts'
import type { Terminal } from './terminal.ts'

const Options = z.object({
  reload: z.boolean().optional(),
  workers: z.number(),
})

export const runserver: ManagementCommand = {
  name: 'runserver',
  group: 'Server',
  serves: true,
  summary: 'Serve; in development, restart when the code changes',
  example: './manage runserver --no-reload --workers 4',
  configure(parser) {
    addressOptions(parser)
      .option('--reload', 'restart when the code changes (default in development)')
      .option('--no-reload', 'do not')
      .option('--workers <number>', 'processes behind the one port; more than one do not reload', between(1, 512), 1)
  },
  async run({ options, settings: given, terminal }) {
    const { workers, reload } = Options.parse(options)
    const settings = withAddress(given, options)
    if (workers > 1 && reload) throw new UsageError('--reload and --workers do not go together')
    if (workers > 1) return manyProcesses(workers, settings, terminal)
    if (reload ?? settings.ENVIRONMENT === 'development') return reloadingProcess(settings, terminal)
    return thisProcess(settings, terminal)
  },
}

// What each of these needs is imported when it is needed: the other commands should not wait for a web framework.

async function manyProcesses(count: number, settings: Settings, terminal: Terminal): Promise<number> {
  if (settings.DATABASE.kind !== 'server')
    throw new CommandError(
      'The embedded database serves one process: for --workers set DATABASE_URL=postgres://… to a PostgreSQL server',
    )
  const { serveWithWorkers } = await import('./runserver/workers.ts')
  return serveWithWorkers(count, settings, terminal)
}

async function reloadingProcess(settings: Settings, terminal: Terminal): Promise<number> {
  const { serveReloading } = await import('./runserver/reloading.ts')
  return serveReloading(settings, terminal)
}

async function thisProcess(settings: Settings, terminal: Terminal): Promise<number> {
  const [{ serve }, { openDatabase }] = await Promise.all([import('../serve.ts'), import('../db/open.ts')])
  const engine = await openDatabase(settings, true)
  await serve(settings, engine, (url, warnings) => {
    for (const warning of warnings) terminal.warn(warning)
    terminal.show({ url }, () => `Listening on ${url} (Ctrl-C stops)`)
  })
  return 0
}
