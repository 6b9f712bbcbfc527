import { sql } from 'drizzle-orm'
import type { Settings } from '../../core/config.ts'
import { recordTransfer } from '../activity/data-transfers.ts'
import { OperatorError } from '../../core/operator-error.ts'
import type { Write } from '../../core/whole-file.ts'
import type { Engine } from '../../db/engine.ts'
import { companies } from '../../models/index.ts'
import { HISTORY_SECTIONS } from '../../schemas/demo-data.ts'
import { type SystemScope, systemContext } from '../context.ts'
import { type CountedSection, ExportReader } from './export/export-reader.ts'
import { EXPORT_SECTIONS, type ExportSection } from './export/export-sections.ts'
import { historyWarning, warningsOf } from './export/export-warnings.ts'
import { neverInFileWarning } from './export/never-in-file.ts'

export interface ExportOptions {
  /** Notifications, activity log and messages too. */
  history?: boolean
  /** Code of the one company that is exported, alone. */
  company?: string | undefined
  write: Write
  /** Runs the work, and may show how far it is. */
  progress?: <R>(total: number, work: (onProgress: (done: number) => void) => Promise<R>) => Promise<R>
}

export interface ExportReport {
  /** How many items each section has. */
  sections: Partial<Record<ExportSection['name'], number>>
  /** What is in the database and not in the file. */
  warnings: string[]
}

/**
 * Writes the database as a demo data file, as it is at one moment, in bounded memory.
 * @throws OperatorError for a company that there is not
 */
export async function exportDemoData(
  engine: Engine,
  settings: Settings,
  { history = false, company, write, progress = (_, work) => work(() => {}) }: ExportOptions,
): Promise<ExportReport> {
  const scope: SystemScope = { engine, settings, company_id: null, readOnly: true, long: true }
  const company_id = company === undefined ? null : await companyId(scope, company)
  // Before anything goes out, in a transaction of its own: the one that reads writes nothing.
  await systemContext({ engine, settings, company_id }, (ctx) => recordTransfer(ctx, 'export_data', { history }))
  return systemContext({ ...scope, company_id }, async ({ db }) => {
    const reader = new ExportReader(db, company_id)
    const sections = await reader.count(EXPORT_SECTIONS)
    const left = history ? [] : sections.filter(({ section }) => section.name in HISTORY_SECTIONS)
    const taken = sections.filter((one) => !left.includes(one))
    const total = taken.reduce((sum, { count }) => sum + count, 0)
    const report = await progress(total, (onProgress) => writeSections(reader, taken, write, onProgress))
    const never = await neverInFileWarning(db, company_id)
    return { ...report, warnings: [...report.warnings, ...historyWarning(left), ...never] }
  })
}

async function writeSections(
  reader: ExportReader,
  sections: CountedSection[],
  write: Write,
  onProgress: (done: number) => void,
): Promise<ExportReport> {
  const report: ExportReport = { sections: {}, warnings: [] }
  let done = 0
  for (const [index, { section, count }] of sections.entries()) {
    await write(`${index === 0 ? '{' : ','}\n  "${section.name}": [`)
    let separator = ''
    const tally = await reader.read(section, async (items) => {
      await write(`${separator}\n    ${items.join(',\n    ')}`)
      separator = ','
      onProgress((done += items.length))
    })
    await write(tally.items === 0 ? ']' : '\n  ]')
    report.sections[section.name] = tally.items
    report.warnings.push(...warningsOf(section, count, tally))
  }
  await write('\n}\n')
  return report
}

async function companyId(scope: SystemScope, code: string): Promise<number> {
  const [company] = await systemContext(scope, ({ db }) =>
    db
      .select({ id: companies.id })
      .from(companies)
      .where(sql`lower(${companies.code}) = lower(${code})`),
  )
  if (!company) throw new OperatorError(`There is no company ${JSON.stringify(code)}`)
  return company.id
}
