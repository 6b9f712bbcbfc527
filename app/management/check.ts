import { join } from 'node:path'
import { Option } from 'commander'
import { z } from 'zod'
import { loadMigrations } from '../db/migration-files.ts'
import { migrationStatus } from '../db/migrator.ts'
import { DatabaseUnavailable } from '../db/open.ts'
import { LEVELS, type Subject } from '../services/checks/check.ts'
import { type Finding, runChecks } from '../services/checks/index.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import type { Terminal } from './terminal.ts'

const Options = z.object({ deploy: z.boolean().default(false), failLevel: z.enum(LEVELS) })

export const check: ManagementCommand = {
  name: 'check',
  group: 'Development',
  summary: 'Look for what is wrong with the set-up',
  example: './manage check --deploy --fail-level WARNING',
  configure(parser) {
    parser
      .option('--deploy', 'judge as production, and look for what must not be deployed')
      .addOption(new Option('--fail-level <level>', 'exit 1 from this level on').choices([...LEVELS]).default('ERROR'))
  },
  async run(invocation) {
    const { terminal, settings } = invocation
    const { deploy, failLevel } = Options.parse(invocation.options)
    const production = deploy || settings.ENVIRONMENT === 'production'
    const { ran, findings } = await runChecks({ settings, production, ...(await lookAtDatabase(invocation)) }, deploy)
    terminal.show(findings, () => report(terminal, ran, findings))
    return findings.some(({ level }) => LEVELS.indexOf(level) >= LEVELS.indexOf(failLevel)) ? 1 : 0
  },
}

async function lookAtDatabase({
  database,
  settings,
}: Invocation): Promise<Pick<Subject, 'engine' | 'unreachable' | 'migrations'>> {
  try {
    const engine = await database()
    const migrations = await migrationStatus(engine, loadMigrations(join(settings.directory, 'migrations')))
    return { engine, unreachable: undefined, migrations }
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error
    return { engine: undefined, unreachable: error.message, migrations: undefined }
  }
}

const COLOURS = { DEBUG: 'gray', INFO: 'gray', WARNING: 'yellow', ERROR: 'red', CRITICAL: 'red' } as const

function report(terminal: Terminal, ran: number, findings: Finding[]): string {
  const lines = findings.flatMap(({ id, level, message, hint }) => [
    `${terminal.paint(COLOURS[level], level)} ${id}: ${message}`,
    `  ${hint}`,
  ])
  const summary = `${ran} checks, ${findings.length === 0 ? 'nothing found' : `${findings.length} found`}`
  return [...lines, summary].join('\n')
}
