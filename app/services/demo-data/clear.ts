import { getTableName, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from '../../db/session.ts'
import * as models from '../../models/index.ts'
import { DemoDataError } from './demo-data-error.ts'

// Whatever refers to another comes before it.
const EMPTIED: PgTable[] = [
  models.messages,
  models.activityLogs,
  models.notifications,
  models.products,
  models.userCompanyRoles,
  models.groups,
  models.users,
  models.roles,
  models.permissions,
  models.companies,
]

/** What goes with its owner, and is nobody's data: links, log-ins and what people log in with, kept replies, inboxes, who is
 * online, what waits to be done. */
const GOES_ALONG: PgTable[] = [
  models.userGroups,
  models.groupPermissions,
  models.rolePermissions,
  models.sessions,
  models.apiKeys,
  models.totpSecrets,
  models.backupCodes,
  models.passkeys,
  models.oauthAccounts,
  models.oneTimeTokens,
  models.idempotencyKeys,
  models.messageFollowers,
  models.messageMentions,
  models.messageReactions,
  models.messageReads,
  models.inboxItems,
  models.inboxCounters,
  models.notificationPreferences,
  models.events,
  models.presences,
  models.jobs,
]

/** Tables that a file can fill, and what goes with their rows. Any other is a feature's. */
export const KNOWN_TABLES = [...EMPTIED, ...GOES_ALONG].map(getTableName)

/**
 * Deletes every row of the sections that a file can have, of all companies, and nothing that they do not own.
 * @throws DemoDataError naming the other tables whose rows would go with them
 */
export async function clearSections(db: Db): Promise<void> {
  await db.execute(sql`select from ${models.companies} for update`) // nobody adds a row to a company meanwhile
  const faults: string[] = []
  for (const table of await otherTables(db)) {
    const { rows } = await db.execute<{ count: number }>(sql`select count(*) as count from ${sql.raw(table)}`)
    const count = rows[0]?.count ?? 0
    if (count > 0)
      faults.push(
        `--clear would also delete what belongs to companies: ${table} has ${count} row${count === 1 ? '' : 's'}`,
      )
  }
  if (faults.length > 0) throw new DemoDataError(faults)
  for (const table of EMPTIED) await db.delete(table)
}

/** Tables whose rows refer to those of the sections, as the database has it: quoted, ready to be used. */
async function otherTables(db: Db): Promise<string[]> {
  const known = JSON.stringify(KNOWN_TABLES)
  const { rows } = await db.execute<{ name: string }>(sql`
    select distinct conrelid::regclass::text as name from pg_constraint
    where contype = 'f' and conparentid = 0 and confrelid::regclass::text in (select jsonb_array_elements_text(${known}::jsonb))
      and conrelid::regclass::text not in (select jsonb_array_elements_text(${known}::jsonb))
    order by name`)
  return rows.map(({ name }) => name)
}
