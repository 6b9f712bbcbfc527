import { and, eq, inArray, notInArray, sql } from 'drizzle-orm'
import type { App } from '../../app/api/http/type-provider.ts'
import {
  activityLogs,
  groups,
  inboxItems,
  notifications,
  products,
  roles,
  userCompanyRoles,
  users,
} from '../../app/models/index.ts'
import type { Db } from '../../app/db/session.ts'
import { AWAY, type AttackCase } from './attack.ts'
import type { FeatureRecord } from './attack-cases/case.ts'
import { FEATURES } from './attack-cases/features.ts'
import { ownReferences } from './record-of.ts'

/** What a company's requests left: everything whose name another company might have as well. */
export interface Names {
  /** Of each feature, by its table. */
  records: Record<string, FeatureRecord[]>
  roles: (typeof roles.$inferSelect)[]
  groups: (typeof groups.$inferSelect)[]
  users: (typeof users.$inferSelect)[]
}

/** All names of a company's records, but for those of users who were there before. */
export async function namesOf(db: Db, company_id: number, before: readonly number[]): Promise<Names> {
  const members = db
    .select({ id: userCompanyRoles.user_id })
    .from(userCompanyRoles)
    .where(eq(userCompanyRoles.company_id, company_id))
  const records: Names['records'] = {}
  for (const name of Object.keys(FEATURES)) {
    const query = sql`select * from ${sql.identifier(name)} where company_id = ${company_id} order by id`
    records[name] = (await db.execute<FeatureRecord>(query)).rows
  }
  return {
    records,
    roles: await db.select().from(roles).where(eq(roles.company_id, company_id)),
    groups: await db.select().from(groups).where(eq(groups.company_id, company_id)),
    users: await db
      .select()
      .from(users)
      .where(and(inArray(users.id, members), notInArray(users.id, [...before]))),
  }
}

/** Gives a company records of the same names, and a hundred more. */
export async function fillWith(db: Db, names: Names, company_id: number, role_id: number): Promise<void> {
  const fresh = <Row extends { id: number }>(rows: Row[]) => rows.map(({ id: _, ...row }) => ({ ...row, company_id }))
  const many = Array.from({ length: 100 }, (_, n) => ({ name: `P ${n}`, sku: `P-${n}`, price: '1.00', company_id }))
  if (names.roles.length) await db.insert(roles).values(fresh(names.roles))
  if (names.groups.length) await db.insert(groups).values(fresh(names.groups))
  for (const [name, rows] of Object.entries(names.records)) {
    const { table } = FEATURES[name]!
    const references = await ownReferences({ db, company_id, user: null }, table)
    await db.insert(table).values(fresh(rows).map((row) => ({ ...row, ...references })))
  }
  await db.insert(products).values(many)
  // About the same ids, which a timeline asks for.
  const about = Object.entries(names.records).flatMap(([entity_type, rows]) =>
    rows.map(({ id }) => ({ entity_type, entity_id: id })),
  )
  const told = [...about, {}].map((entity) => ({ ...entity, company_id, action: 'login', ip_address: '127.0.0.1' }))
  await db.insert(activityLogs).values([...told, ...told.map((entry) => ({ ...entry, company_id: null }))])
  const people = names.users.map(({ id: _, current_company_id: __, ...user }) => ({
    ...user,
    owns_email: true,
    owns_username: true,
  }))
  const others = Array.from({ length: 20 }, (_, n) => ({
    email: `o${n}@example.com`,
    username: `o${n}`,
    password_hash: '',
  }))
  const made = await db
    .insert(users)
    .values([...people, ...others])
    .returning({ id: users.id })
  await db.insert(userCompanyRoles).values(made.map(({ id }) => ({ user_id: id, company_id, role_id })))
  // Whoever works in several companies has an inbox in each.
  const everybody = (await db.select({ user_id: users.id }).from(users)).map((one) => ({
    ...one,
    company_id,
    title: 'B',
  }))
  await db.insert(notifications).values(everybody)
  await db.insert(inboxItems).values(everybody.map((one) => ({ ...one, item_type: 'mention' as const })))
  await db.execute(sql`analyze`)
}

/**
 * Calls every route of `cases` and writes down what it answers, free of ids, times and secrets made by chance. First what reads,
 * last what takes the company or the session away from under the rest.
 */
export async function transcriptOf(
  app: App,
  headers: Record<string, string>,
  cases: Record<string, AttackCase>,
): Promise<string[]> {
  const known = new Map<string, string>()
  const lines: string[] = []
  const ordered = Object.entries(cases).toSorted(([a], [b]) => rankOf(a) - rankOf(b))
  for (const [operation, { body, params = {} }] of ordered) {
    const [method = '', template = ''] = operation.split(' ')
    const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name]))
    const reply = await app.inject({ ...AWAY, method: method.toUpperCase() as 'GET', url, headers, payload: body })
    const names = Object.keys(reply.headers).toSorted().join()
    lines.push(plain(`${method} ${template} ${reply.statusCode} [${names}] ${reply.body}`, known))
  }
  return lines
}

const ORDER = [/^get /, /^(post|put|patch) (?!.*(\/companies\/\{id\}|\/auth\/log))/, /^delete (?!.*\/companies\/)/]
const rankOf = (operation: string) => ORDER.findIndex((pattern) => pattern.test(operation)) >>> 0

// Ids of `new_id()` have 15 digits; the rest are UUIDs, times, tokens and hashes.
const CHANCE = /\b\d{15,16}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d{4}-\d\d-\d\dT[\d:.]+Z|[\w+/=.-]{32,}/g

/** Each value made by chance as the place where it was first seen: the same ones stay the same. */
function plain(text: string, known: Map<string, string>): string {
  return text.replaceAll(CHANCE, (value) => {
    if (/T[\d:.]+Z$/.test(value)) return 'TIME'
    if (!known.has(value)) known.set(value, `#${known.size}`)
    return known.get(value) ?? ''
  })
}
