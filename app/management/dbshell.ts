import { join } from 'node:path'
import { z } from 'zod'
import type { ManagementCommand } from './command.ts'
import { runPsql } from './dbshell/run-psql.ts'
import { runCommand, runPiped, runPrompt } from './dbshell/sql-prompt.ts'
import { interruptible } from './interruption.ts'

const Options = z.object({ command: z.string().optional() })

export const dbshell: ManagementCommand = {
  name: 'dbshell',
  group: 'Database',
  serves: true, // psql sees to Ctrl-C itself
  summary: 'SQL prompt: psql on a server, a simple one of our own elsewhere',
  example: `./manage dbshell --command "select code, name from companies"`,
  configure(parser) {
    parser.option('-c, --command <sql>', 'run this, and leave')
  },
  async run({ terminal, settings, options, database }) {
    const { command } = Options.parse(options)
    const target = settings.DATABASE
    if (target.kind === 'server' && !terminal.json) {
      const code = await runPsql(target.url, command, terminal.streams.env)
      if (code !== undefined) return code
      terminal.warn('psql is not installed (Debian: postgresql-client, macOS: libpq); here is a simple prompt instead')
    }
    return interruptible(async () => {
      const engine = await database()
      if (command !== undefined) return runCommand(engine, terminal, command)
      if (!terminal.interactive) return runPiped(engine, terminal)
      await runPrompt(engine, terminal, join(settings.directory, 'var', 'dbshell-history'))
      return 0
    })
  },
}
