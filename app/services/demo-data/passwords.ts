import { sql } from 'drizzle-orm'
import { hashPassword, verifyPassword } from '../../core/passwords.ts'
import { textSet } from '../../db/bulk.ts'
import { users } from '../../models/index.ts'
import { type SystemScope, systemContext } from '../context.ts'
import { userKey } from './keys.ts'
import type { DemoFile } from './parse.ts'

/**
 * Hashes of the file's passwords that are to be stored: those of new users and, with `update`, those that differ from
 * what is stored. Made before the loading transaction, which must not stay open for as long as hashing takes.
 */
export async function hashPasswords(
  scope: SystemScope,
  { items }: DemoFile,
  { update, clear }: { update: boolean; clear: boolean },
): Promise<Map<string, string>> {
  const withPassword = items.users.flatMap(({ item: { email, password } }) => (password ? [{ email, password }] : []))
  const keys = withPassword.map(({ email }) => userKey(email))
  const stored = clear ? new Map<string, string>() : await storedHashes(scope, keys)
  const hashed = await Promise.all(
    withPassword.map(async ({ email, password }): Promise<[string, string][]> => {
      const before = stored.get(userKey(email))
      const keep = before !== undefined && (!update || (await verifyPassword(before, password)))
      return keep ? [] : [[userKey(email), await hashPassword(password)]]
    }),
  )
  return new Map(hashed.flat())
}

async function storedHashes(scope: SystemScope, keys: string[]): Promise<Map<string, string>> {
  const rows = await systemContext({ ...scope, readOnly: true }, ({ db }) =>
    db
      .select({ email: users.email, password_hash: users.password_hash })
      .from(users)
      .where(sql`lower(${users.email}) in ${textSet(keys)}`),
  )
  return new Map(rows.map((row) => [userKey(row.email), row.password_hash]))
}
