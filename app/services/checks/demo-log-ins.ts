import { join } from 'node:path'
import { and, sql } from 'drizzle-orm'
import { verifyPassword } from '../../core/passwords.ts'
import { textSet } from '../../db/bulk.ts'
import { users } from '../../models/index.ts'
import { readDemoFile } from '../demo-data/read.ts'
import { type Subject, isMigrated } from './check.ts'

/** Usernames of the active users whom `data/demo.json` tells everybody how to log in as. */
export async function workingDemoLogIns(subject: Subject): Promise<string[]> {
  const { settings, database } = subject
  if (!database || !isMigrated(subject)) return []
  const file = await readDemoFile(join(settings.directory, 'data/demo.json')).catch(() => undefined)
  const passwords = new Map(file?.items.users.map(({ item }) => [item.email.toLowerCase(), item.password]))
  const rows = await database.trusted((db) =>
    db
      .select({ email: users.email, username: users.username, password_hash: users.password_hash })
      .from(users)
      .where(and(users.is_active, sql`lower(${users.email}) in ${textSet(passwords.keys())}`)),
  )
  const working = await Promise.all(
    rows.map(async ({ email, username, password_hash }) => {
      const password = passwords.get(email.toLowerCase())
      return password !== undefined && (await verifyPassword(password_hash, password)) ? [username] : []
    }),
  )
  return working.flat().sort()
}
