import { sql } from 'drizzle-orm'
import type { Settings } from '../../core/config.ts'
import { takeTurn } from '../../db/advisory-lock.ts'
import type { Engine } from '../../db/engine.ts'
import type { HistoryName, SectionName } from '../../schemas/demo-data.ts'
import { recordTransfer } from '../activity/data-transfers.ts'
import { systemContext } from '../context.ts'
import { syncCatalogue } from '../init-db.ts'
import {
  ancestorFaults,
  keptSystemRoles,
  missingPasswordFaults,
  systemRoleFaults,
  weakPasswordFaults,
} from './checks/check-rules.ts'
import { referenceFaults } from './checks/check-references.ts'
import { uniqueFaults } from './checks/check-unique.ts'
import { clearSections } from './clear.ts'
import { writeCompanies } from './sections/companies.ts'
import { Faults } from './faults.ts'
import { type Found, findRows } from './found.ts'
import { writeGroups } from './sections/groups.ts'
import { writeHistory } from './history/history.ts'
import { HistoryReferences } from './history/history-references.ts'
import type { Job } from './job.ts'
import { userKey } from './keys.ts'
import { type LogIn, logInsOf } from './log-ins.ts'
import { writeMemberships } from './sections/memberships.ts'
import type { Counts } from './merge.ts'
import { hashPasswords } from './passwords.ts'
import { writePermissions } from './sections/permissions.ts'
import { writeProducts } from './sections/products.ts'
import type { DemoFile } from './parse.ts'
import { namesIn } from './history/names-in-file.ts'
import { writeRoles } from './sections/roles.ts'
import { writeUsers } from './sections/users.ts'

export interface LoadOptions {
  /** Rows that are there already follow the file; else they stay as they are. */
  update?: boolean
  /** Deletes every row of the sections first. */
  clear?: boolean
  /** Does everything and takes it back. */
  dryRun?: boolean
  /** Told how many items are done. */
  onProgress?: (done: number) => void
}

export interface LoadReport {
  sections: Record<SectionName | HistoryName, Counts>
  /** Passwords that are easy to guess, and system roles that the file would have otherwise. */
  warnings: string[]
  /** The users whose password this load stored. None in production. */
  log_ins: LogIn[]
}

/**
 * Loads a demo data file, all of it or nothing, in one transaction. Loading it again changes nothing.
 * @throws DemoDataError with every fault of the file at once
 */
export async function loadDemoData(
  engine: Engine,
  settings: Settings,
  file: DemoFile,
  { update = false, clear = false, dryRun = false, onProgress = () => {} }: LoadOptions = {},
): Promise<LoadReport> {
  const scope = { engine, settings, company_id: null }
  const production = settings.ENVIRONMENT === 'production'
  const hashes = file.faults.length > 0 ? new Map() : await hashPasswords(scope, file, { update, clear })
  let done = 0
  const advance = (items: number) => onProgress((done += items))
  return systemContext({ ...scope, long: true }, async (ctx) => {
    const { db } = ctx
    await db.execute(sql`select set_config('app.record_activity', 'off', true)`) // a file brings its own log
    await takeTurn(db, 'load-data')
    if (clear) await clearSections(db)
    await syncCatalogue(db) // the file may name permissions and system roles of an installation that has none yet
    const found = await findRows(db, file)
    const weak = weakPasswordFaults(file, found, update)
    const kept = update ? keptSystemRoles(file, found) : []
    const faults = new Faults()
    faults.addAll([...checkDemoData(file, found, update), ...(production ? weak : [])])
    const history = { db, history: file.history, update, advance, faults }
    if (faults.count > 0)
      await writeHistory({ ...history, references: new HistoryReferences(db, found, faults, namesIn(file)) })
    faults.check()
    const sections = {
      ...(await writeSections({ db, items: file.items, found, update, hashes, advance })),
      ...(await writeHistory({ ...history, references: new HistoryReferences(db, found, faults) })),
    }
    faults.check()
    const changed = changesOf(sections)
    if (clear || changed.length > 0)
      await recordTransfer(ctx, 'load_data', { clear, update, sections: Object.fromEntries(changed) })
    if (dryRun) await db.unit.rollback()
    const stored = logInsOf(file).filter(({ email }) => hashes.has(userKey(email)))
    const log_ins = production || dryRun ? [] : stored
    return { sections, warnings: [...weak, ...kept], log_ins }
  })
}

function checkDemoData(file: DemoFile, found: Found, update: boolean): string[] {
  return [
    ...file.faults,
    ...uniqueFaults(file, found, update),
    ...referenceFaults(file, found),
    ...ancestorFaults(file, found, update),
    ...systemRoleFaults(file, found),
    ...missingPasswordFaults(file, found),
  ]
}

/** In the order of the file: each section refers to rows of those before it. */
async function writeSections(job: Job): Promise<Record<SectionName, Counts>> {
  const { items, advance } = job
  const told = (section: SectionName, counts: Counts) => {
    advance(items[section].length)
    return counts
  }
  return {
    companies: told('companies', await writeCompanies(job)),
    permissions: told('permissions', await writePermissions(job)),
    roles: told('roles', await writeRoles(job)),
    users: told('users', await writeUsers(job)),
    groups: told('groups', await writeGroups(job)),
    user_company_roles: told('user_company_roles', await writeMemberships(job)),
    products: await writeProducts(job),
  }
}

/** How many items were created and updated, of the sections where any were: loading a file again changes nothing. */
const changesOf = (sections: LoadReport['sections']) =>
  Object.entries(sections).flatMap(([name, { created, updated }]) =>
    created + updated > 0 ? [[name, { created, updated }] as const] : [],
  )
