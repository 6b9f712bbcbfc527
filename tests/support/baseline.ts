import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { type InferSelectModel, getColumns } from 'drizzle-orm'
import type { Engine } from '../../app/db/engine.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { companies, roles, userCompanyRoles, users } from '../../app/models/index.ts'
import { userProfiles } from '../../app/models/user.ts'
import { type Context, type CurrentUser, systemContext } from '../../app/services/context.ts'
import { syncPermissions } from '../../app/services/init-db.ts'
import { PASSWORD } from './password.ts'
import { testSettings } from './settings.ts'

export type TestCompany = InferSelectModel<typeof companies>

export interface TestUser extends CurrentUser {
  /** codename of the role in `company_id`; null for who is no member */
  role: string | null
  company_id: number | null
}

/** What is in the database before each test. */
export interface Baseline {
  companies: { test: TestCompany; other: TestCompany }
  users: Record<keyof typeof PEOPLE, TestUser>
}

/** username → company and role */
const PEOPLE = {
  superuser: { company: 'test', role: 'super_admin', is_superuser: true },
  admin: { company: 'test', role: 'admin', is_superuser: false },
  manager: { company: 'test', role: 'manager', is_superuser: false },
  viewer: { company: 'test', role: 'viewer', is_superuser: false },
  outsider: { company: 'other', role: 'admin', is_superuser: false },
  stranger: { company: null, role: null, is_superuser: false },
} as const

/** Migrates an empty database and fills it with two companies and the people of the tests. */
export async function buildBaseline(engine: Engine): Promise<Baseline> {
  const settings = testSettings()
  await migrate(engine, loadMigrations(join(settings.directory, 'migrations')))
  await syncPermissions(engine, settings)
  return systemContext({ engine, settings, company_id: null }, fill)
}

async function fill({ db }: Context): Promise<Baseline> {
  const [test, other] = await db
    .insert(companies)
    .values([
      { code: 'TEST', name: 'Test Company' },
      { code: 'OTHER', name: 'Other Company' },
    ])
    .returning()
  const ids = { test: test!.id, other: other!.id }
  // Made once, and the cheapest there is: what a hash costs is tested where hashes are.
  const password_hash = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 })
  const people = Object.entries(PEOPLE)
  const rows = await db
    .insert(users)
    .values(
      people.map(([username, { is_superuser, company }]) => ({
        username,
        email: `${username}@example.com`,
        full_name: `The ${username}`,
        password_hash,
        is_superuser,
        is_verified: true,
        current_company_id: company && ids[company],
      })),
    )
    .returning(getColumns(userProfiles))
  const roleIds = new Map((await db.select().from(roles)).map((role) => [role.codename as string | null, role.id]))
  await db.insert(userCompanyRoles).values(
    people.flatMap(([, { company, role }], index) => {
      const role_id = roleIds.get(role)
      return company && role_id
        ? [{ user_id: rows[index]!.id, company_id: ids[company], role_id, is_default: true }]
        : []
    }),
  )
  const testUsers = people.map(([username, { company, role }], index) => {
    return [username, { ...rows[index]!, role, company_id: company && ids[company] }] as const
  })
  return { companies: { test: test!, other: other! }, users: Object.fromEntries(testUsers) as Baseline['users'] }
}
