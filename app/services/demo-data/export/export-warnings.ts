import type { Db } from '../../../db/session.ts'
import type { CountedSection, Tally } from './export-reader.ts'
import { MEMBERS } from './export-scope.ts'
import type { ExportSection } from './export-sections.ts'

/** What is to be said about a section: rows that are not in the file, items that lack something or cannot be loaded. */
export function warningsOf({ name, leftOut }: ExportSection, rows: number, tally: Tally): string[] {
  const missing = rows - tally.items
  return [
    ...(missing > 0 ? [`${missing} of ${rows} left out: ${leftOut}`] : []),
    ...tally.lost.entries().map(([what, count]) => `${count} without ${what}`),
    ...(tally.refused > 0 ? [`${tally.refused} that load-data will refuse, first ${tally.firstFault}`] : []),
  ].map((line) => `${name}: ${line}`)
}

/** Sections that nobody has asked for. */
export function historyWarning(sections: CountedSection[]): string[] {
  const found = sections.filter(({ count }) => count > 0).map(({ section, count }) => `${count} ${section.name}`)
  return found.length > 0 ? [`${found.join(', ')} left out: --all takes them along`] : []
}

const OF_COMPANY = 'company_id = $1'
const OF_MEMBERS = `user_id in ${MEMBERS}`
const CREDENTIALS: [table: string, what: string, own: string][] = [
  ['totp_secrets', 'authenticator apps', OF_MEMBERS],
  ['passkeys', 'passkeys', OF_MEMBERS],
  ['oauth_accounts', 'log-ins by another provider', OF_MEMBERS],
  ['api_keys', 'API keys', OF_COMPANY],
  ['sessions', 'sessions', OF_COMPANY],
]

/** What people prove who they are with, beside passwords: how much of it there is, and never in a file. */
export async function credentialsWarning(db: Db, company_id: number | null): Promise<string[]> {
  const counts = CREDENTIALS.map(
    ([table, , own]) => `(select count(*) from ${table} where $1::bigint is null or ${own}) as ${table}`,
  )
  // No request may know of them.
  const { rows } = await db.unit.trusted((trusted) =>
    trusted.unit.query({ text: `select ${counts.join(', ')}` }, [company_id]),
  )
  const found = CREDENTIALS.filter(([table]) => Number(rows[0]?.[table]) > 0)
  const list = found.map(([table, what]) => `${Number(rows[0]?.[table])} ${what}`)
  return list.length > 0 ? [`never in a file: ${list.join(', ')}`] : []
}
