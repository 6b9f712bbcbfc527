import { join } from 'node:path'
import { z } from 'zod'
import { Running, serverEnv } from '../running.ts'
import { copyBaselineFolder } from '../temporary-folder.ts'
import { type Call, type CommandCase, here } from './case.ts'

/** A process of its own in the place's folder; told to stop once it says where it listens. */
const serving =
  (argv: string[], env: NodeJS.ProcessEnv = {}): Call =>
  async ({ folder }, more) => {
    copyBaselineFolder(join(folder, 'db'))
    await using server = new Running(['manage.ts', ...argv, ...more], { env: { ...serverEnv(folder), ...env } })
    await Promise.race([server.url(), server.ended()])
    server.signal('SIGTERM')
    const code = await server.ended()
    return { code: Number(code), stdout: server.stdout.join(''), stderr: server.stderr.join('') }
  }

const url = z.string().regex(/^http:\/\/localhost:\d+$/)

export const serverCommands: Record<string, CommandCase> = {
  start: {
    success: serving(['start']),
    says: /^FastVue .*\n.*Database opened: .*\n.*Schema up to date .*\n[^]*\nReady in .* s: http:\/\/localhost:\d+ /,
    json: z.strictObject({ url, log_ins: z.array(z.unknown()).length(0) }),
    wrongUse: ['start', '--port', 'http'],
    failure: serving(['start'], { PORT: 'http' }),
    because: /^Error: PORT: expected a whole number from 0 to 65535\n$/,
  },
  runserver: {
    success: serving(['runserver', '--no-reload']),
    says: /^Listening on http:\/\/localhost:\d+ \(Ctrl-C stops\)\n$/,
    json: z.strictObject({ url }),
    wrongUse: ['runserver', '--port', 'http'],
    failure: here(['runserver', '--workers', '2']),
    because: /^Error: The embedded database serves one process: .*\n$/,
  },
}
