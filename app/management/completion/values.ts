import { and, not, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Settings } from '../../core/config.ts'
import { isMade } from '../../db/embedded.ts'
import type { Engine } from '../../db/engine.ts'
import { migrationsOf } from '../../db/migration-files.ts'
import { openDatabase } from '../../db/open.ts'
import type { Db } from '../../db/session.ts'
import { companies, users } from '../../models/index.ts'
import { systemContext } from '../../services/context.ts'
import type { ValuesOf } from './candidates.ts'

const MOST = 200 // more than anybody reads

/** Values from the project and from its database. One that is not there yet has none, and is not made. */
export function valuesFrom(settings: Settings, given?: Engine): ValuesOf {
  return async (kind, typed) => {
    if (kind === 'migrations') return migrationsOf(settings).map(({ name }) => name)
    const engine = given ?? (await openIfMade(settings))
    if (!engine) return []
    const find = kind === 'users' ? usernames : codes
    const scope = { engine, settings, company_id: null, readOnly: true }
    try {
      return (await systemContext(scope, ({ db }) => find(db, typed))).map(({ value }) => value)
    } finally {
      if (!given) await engine.close()
    }
  }
}

async function openIfMade(settings: Settings): Promise<Engine | undefined> {
  const { DATABASE: target } = settings
  if (target.kind === 'memory' || (target.kind === 'embedded' && !isMade(target.path))) return undefined
  return openDatabase(settings)
}

/** Of the accounts that commands find by their names. */
const usernames = (db: Db, typed: string) =>
  db
    .select({ value: users.username })
    .from(users)
    .where(and(users.owns_username, not(users.is_deleted), begins(users.username, typed)))
    .orderBy(users.username)
    .limit(MOST)

const codes = (db: Db, typed: string) =>
  db
    .select({ value: companies.code })
    .from(companies)
    .where(begins(companies.code, typed))
    .orderBy(companies.code)
    .limit(MOST)

const begins = (column: PgColumn, typed: string) => sql`starts_with(lower(${column}), lower(${typed}))`
