import { type InferSelectModel, and, or, sql } from 'drizzle-orm'
import { textSet } from '../../db/bulk.ts'
import type { Db } from '../../db/session.ts'
import { companies, groups, permissions, roles, users } from '../../models/index.ts'
import { companyKey, namedKey, userKey } from './keys.ts'
import type { DemoFile } from './parse.ts'

/** The rows that a file may mean, by natural key. Those that loading creates are added, so that later items find them. */
export interface Found {
  companies: Map<string, InferSelectModel<typeof companies>>
  permissions: Map<string, InferSelectModel<typeof permissions>>
  roles: Map<string, InferSelectModel<typeof roles>>
  users: Map<string, InferSelectModel<typeof users>>
  groups: Map<string, InferSelectModel<typeof groups>>
  /** Names of the permissions of each role, by the role's id. */
  granted: Map<number, ReadonlySet<string>>
}

/** Six statements, whatever the size of the file. */
export async function findRows(db: Db, { items }: DemoFile): Promise<Found> {
  const companyRows = await db.select().from(companies)
  const codes = new Map(companyRows.map((row) => [row.id, row.code]))
  const codeOf = (company_id: number | null) => (company_id === null ? null : codes.get(company_id))
  const roleRows = await db.select().from(roles)
  const groupRows = await db.select().from(groups)
  const grants = await db.execute<{ role_id: number; names: string[] }>(
    sql`select role_id, jsonb_agg(p.name) as names from role_permissions join permissions p on p.id = permission_id group by role_id`,
  )
  return {
    companies: new Map(companyRows.map((row) => [companyKey(row.code), row])),
    permissions: new Map((await db.select().from(permissions)).map((row) => [row.name, row])),
    roles: new Map(roleRows.map((row) => [namedKey(codeOf(row.company_id), row.name), row])),
    users: new Map((await findUsers(db, items)).map((row) => [userKey(row.email), row])),
    groups: new Map(groupRows.map((row) => [namedKey(codeOf(row.company_id), row.name), row])),
    granted: new Map(grants.rows.map((row) => [row.role_id, new Set(row.names)])),
  }
}

/** Users whom the file names, and those whose username it wants. There may be too many others to read them all. */
function findUsers(db: Db, items: DemoFile['items']) {
  const emails = [
    ...items.users.map(({ item }) => item.email),
    ...items.groups.flatMap(({ item }) => item.users ?? []),
    ...items.user_company_roles.map(({ item }) => item.user_email),
  ].map(userKey)
  const usernames = items.users.map(({ item }) => item.username.toLowerCase())
  return db
    .select()
    .from(users)
    .where(
      or(
        and(users.owns_email, sql`lower(${users.email}) in ${textSet(new Set(emails))}`),
        and(users.owns_username, sql`lower(${users.username}) in ${textSet(usernames)}`),
      ),
    )
}
