import type { Logger } from 'pino'
import type { Settings } from './core/config.ts'
import { LEVELS } from './core/log-levels.ts'
import { OperatorError } from './core/operator-error.ts'
import type { Engine } from './db/engine.ts'
import { CHECKS, type Finding, checksOf, runChecks } from './services/checks/index.ts'
import type { Subject } from './services/checks/check.ts'
import { CheckedDatabase } from './services/checks/checked-database.ts'
import { thisProcess } from './services/checks/subject.ts'
import { isLaterWorker, processesSideBySide } from './processes.ts'

/**
 * What `./manage check` would say, as far as it is quick, of a server that is about to start on a migrated database.
 * @throws OperatorError in production, for what must not serve
 */
export async function checkStart(
  settings: Settings,
  engine: Engine,
  migrated: Pick<Subject, 'migrations' | 'status'>,
): Promise<Finding[]> {
  const checks = checksOf(settings).filter(({ deploy, start }) => !deploy && start !== 'left out')
  if (isLaterWorker()) return []
  const production = settings.ENVIRONMENT === 'production'
  const findings = await runChecks(checks, {
    ...thisProcess(),
    ...migrated,
    settings,
    production,
    processes: processesSideBySide(),
    env: process.env,
    database: new CheckedDatabase(engine, settings),
  })
  const grave = findings.filter((finding) => isError(finding) && !isOnlyTold(finding))
  if (production && grave.length > 0) throw new OperatorError(grave.map(lineFor).join('\n'))
  return findings
}

/** Writes what was found to the log. @returns the lines for the terminal of who develops: errors as they are, warnings by their number */
export function tellFindings(findings: Finding[], { ENVIRONMENT }: Settings, log: Logger): string[] {
  for (const { id, level, message, hint } of findings) log[LEVELS[level]]({ check: id, hint }, message)
  if (ENVIRONMENT !== 'development') return []
  const errors = findings.filter(isError)
  const others = findings.length - errors.length
  const summary = `${others} warning${others === 1 ? '' : 's'}, see ./manage check`
  return [...errors.map(lineFor), ...(others > 0 ? [summary] : [])]
}

const isError = ({ level }: Finding) => level === 'ERROR' || level === 'CRITICAL'
const isOnlyTold = ({ id }: Finding) => CHECKS.some((check) => check.id === id && check.start === 'told')
const lineFor = ({ id, message, hint }: Finding) => `${id}: ${message} (${hint})`
