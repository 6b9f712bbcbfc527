import { type Check, type Level, type Subject, levelOf } from './check.ts'
import { databaseChecks } from './database.ts'
import { mailChecks } from './mail.ts'
import { runtimeChecks } from './runtime.ts'
import { securityChecks } from './security.ts'

export const CHECKS: Check[] = [...runtimeChecks, ...databaseChecks, ...securityChecks, ...mailChecks]

export interface Finding {
  id: string
  level: Level
  message: string
  hint: string
}

/** Runs the checks, those for deployment too if asked for, and returns what they find, in the order of the registry. */
export async function runChecks(subject: Subject, deploy: boolean): Promise<{ ran: number; findings: Finding[] }> {
  const checks = CHECKS.filter((check) => deploy || !check.deploy)
  const found = await Promise.all(
    checks.map(async (check): Promise<Finding[]> => {
      const message = await check.find(subject)
      return message === undefined ? [] : [{ id: check.id, level: levelOf(check), message, hint: check.hint }]
    }),
  )
  return { ran: checks.length, findings: found.flat() }
}
