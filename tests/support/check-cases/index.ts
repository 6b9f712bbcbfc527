import type { CheckCase } from './case.ts'
import { databaseCases } from './database.ts'
import { mailCases } from './mail.ts'
import { peopleCases } from './people.ts'
import { productionCases } from './production.ts'
import { runtimeCases } from './runtime.ts'
import { secretCases } from './secrets.ts'
import { settingCases } from './settings.ts'

/** Every check, with what it finds and what it leaves alone. A new one needs its case: a test names it. */
export const CHECK_CASES: Record<string, CheckCase> = {
  ...runtimeCases,
  ...settingCases,
  ...databaseCases,
  ...secretCases,
  ...productionCases,
  ...peopleCases,
  ...mailCases,
}
