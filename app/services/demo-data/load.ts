import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { SectionName } from '../../schemas/demo-data.ts'
import { systemContext } from '../context.ts'
import { syncCatalogue } from '../init-db.ts'
import { ancestorFaults, missingPasswordFaults, systemRoleFaults, weakPasswordFaults } from './check-rules.ts'
import { referenceFaults } from './check-references.ts'
import { uniqueFaults } from './check-unique.ts'
import { clearSections } from './clear.ts'
import { writeCompanies } from './companies.ts'
import { type Found, findRows } from './found.ts'
import { writeGroups } from './groups.ts'
import type { Job } from './job.ts'
import { userKey } from './keys.ts'
import { type LogIn, logInsOf } from './log-ins.ts'
import { writeMemberships } from './memberships.ts'
import type { Counts } from './merge.ts'
import { hashPasswords } from './passwords.ts'
import { writePermissions } from './permissions.ts'
import { writeProducts } from './products.ts'
import { DemoDataError } from './demo-data-error.ts'
import type { DemoFile } from './parse.ts'
import { writeRoles } from './roles.ts'
import { writeUsers } from './users.ts'

export interface LoadOptions {
  /** Rows that are there already follow the file; else they stay as they are. */
  update?: boolean
  /** Deletes every row of the sections first. */
  clear?: boolean
  /** Does everything and takes it back. */
  dryRun?: boolean
  /** Told how many products are done. */
  onProgress?: (done: number) => void
}

export interface LoadReport {
  sections: Record<SectionName, Counts>
  /** Passwords that are easy to guess. */
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
  return systemContext(scope, async ({ db }) => {
    if (clear) await clearSections(db)
    await syncCatalogue(db) // the file may name permissions and system roles of an installation that has none yet
    const found = await findRows(db, file)
    const weak = weakPasswordFaults(file, found, update)
    const faults = [...checkDemoData(file, found, update), ...(production ? weak : [])]
    if (faults.length > 0) throw new DemoDataError(faults)
    const sections = await writeSections({ db, items: file.items, found, update, hashes, onProgress })
    if (dryRun) await db.unit.rollback()
    const stored = logInsOf(file).filter(({ email }) => hashes.has(userKey(email)))
    const log_ins = production || dryRun ? [] : stored
    return { sections, warnings: weak, log_ins }
  })
}

function checkDemoData(file: DemoFile, found: Found, update: boolean): string[] {
  return [
    ...file.faults,
    ...uniqueFaults(file, found, update),
    ...referenceFaults(file, found),
    ...ancestorFaults(file, found, update),
    ...systemRoleFaults(file, found, update),
    ...missingPasswordFaults(file, found),
  ]
}

/** In the order of the file: each section refers to rows of those before it. */
async function writeSections(job: Job): Promise<LoadReport['sections']> {
  return {
    companies: await writeCompanies(job),
    permissions: await writePermissions(job),
    roles: await writeRoles(job),
    users: await writeUsers(job),
    groups: await writeGroups(job),
    user_company_roles: await writeMemberships(job),
    products: await writeProducts(job),
  }
}
