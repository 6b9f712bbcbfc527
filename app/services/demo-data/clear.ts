import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from '../../db/session.ts'
import {
  activityLogs,
  companies,
  groups,
  messages,
  notifications,
  permissions,
  products,
  roles,
  userCompanyRoles,
  users,
} from '../../models/index.ts'

// Whatever refers to another comes before it. Links, sessions and kept replies go with their owners.
const EMPTIED: PgTable[] = [
  messages,
  activityLogs,
  notifications,
  products,
  userCompanyRoles,
  groups,
  users,
  roles,
  permissions,
  companies,
]

/** Deletes every row of the sections that a file can have, of all companies. */
export async function clearSections(db: Db): Promise<void> {
  for (const table of EMPTIED) await db.delete(table)
}
