import { type Settings, SettingsError } from '../../core/config.ts'
import { type Check, type Level, type Subject, levelOf } from './check.ts'
import { databaseChecks } from './database.ts'
import { fileChecks } from './files.ts'
import { isolationChecks } from './isolation.ts'
import { mailChecks } from './mail.ts'
import { migrationChecks } from './migrations.ts'
import { peopleChecks } from './people.ts'
import { productionChecks } from './production.ts'
import { runtimeChecks } from './runtime.ts'
import { secretChecks } from './secrets.ts'
import { settingChecks } from './settings.ts'

/** Every check, in the order of `docs/checks.md`. */
export const CHECKS: Check[] = [
  ...runtimeChecks,
  ...settingChecks,
  ...fileChecks,
  ...databaseChecks,
  ...isolationChecks,
  ...migrationChecks,
  ...secretChecks,
  ...productionChecks,
  ...peopleChecks,
  ...mailChecks,
]

export interface Finding {
  id: string
  level: Level
  message: string
  hint: string
}

/** The checks that `SILENCED_CHECKS` leaves. @throws SettingsError naming the ids in it that no check has */
export function checksOf({ SILENCED_CHECKS }: Pick<Settings, 'SILENCED_CHECKS'>): Check[] {
  const ids = new Set(CHECKS.map(({ id }) => id))
  const unknown = SILENCED_CHECKS.filter((id) => !ids.has(id))
  if (unknown.length > 0)
    throw new SettingsError(unknown.map((id) => `SILENCED_CHECKS: there is no check ${id} (./manage check --list)`))
  return CHECKS.filter(({ id }) => !SILENCED_CHECKS.includes(id))
}

/** Runs checks and returns what they find, in their order. One that cannot be run is a finding of its own. */
export async function runChecks(checks: Check[], subject: Subject): Promise<Finding[]> {
  const found = await Promise.all(
    checks.map(async (check): Promise<Finding[]> => {
      const message = await sentenceOf(check, subject)
      return message === undefined ? [] : [{ id: check.id, level: levelOf(check), message, hint: check.hint }]
    }),
  )
  return found.flat()
}

async function sentenceOf(check: Check, subject: Subject): Promise<string | undefined> {
  try {
    return await check.find(subject)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `Cannot be told: ${why.replaceAll(/\s+/g, ' ')}`
  }
}
