import { z } from 'zod'
import { choice } from './choice.ts'
import type { ManagementCommand } from './command.ts'
import type { RouteRow } from './routes/route-row.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
const Options = z.object({ method: z.enum(METHODS).optional(), path: z.string().default('') })
const MEGABYTE = 1024 * 1024

export const routes: ManagementCommand = {
  name: 'routes',
  group: 'Development',
  summary: 'List the routes of the API: method, path, permission, limits',
  example: './manage routes --path products',
  configure(parser) {
    parser
      .addOption(choice('--method <method>', 'of this method', METHODS))
      .option('--path <text>', 'with this text in the path')
  },
  async run({ options, terminal, settings }) {
    const { method, path } = Options.parse(options)
    // The web framework comes with these; other commands should not wait for it.
    const [{ withAppAlone }, { rowsOf }] = await Promise.all([
      import('./app-without-database.ts'),
      import('./routes/route-row.ts'),
    ])
    const all = await withAppAlone(settings, (_app, found) => found)
    const rows = all
      .flatMap((route) => rowsOf(route, settings.BODY_LIMIT_MB * MEGABYTE))
      .filter((row) => (method === undefined || row.method === method) && row.path.includes(path))
    terminal.show(rows, () => {
      if (rows.length === 0) return 'No routes found'
      const lines = rows.map((row) => [row.method, row.path, permissionOf(row), limitsOf(row)])
      return terminal.table(['Method', 'Path', 'Permission', 'Limits'], lines)
    })
  },
}

const ACCESS = { public: '(public)', user: '(any user)', session: '(any user, no API key)' }

function permissionOf({ access, permissions, roles }: RouteRow): string {
  if (permissions.length > 0) return permissions.join(', ')
  return roles.length > 0 ? `role ${roles.join(' or ')}` : ACCESS[access]
}

function limitsOf({ body_limit, idempotency_key, rate_limit }: RouteRow): string {
  const limits = [
    body_limit !== null && `body ${Math.round((body_limit / MEGABYTE) * 10) / 10} MB`,
    idempotency_key && 'Idempotency-Key',
    rate_limit !== null && `${rate_limit.requests} in ${rate_limit.seconds} s`,
  ]
  return limits.filter((limit) => limit !== false).join(', ')
}
