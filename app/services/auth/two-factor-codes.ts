import { and, eq, isNotNull, lt } from 'drizzle-orm'
import { backupCodeHash, newBackupCode } from '../../core/backup-codes.ts'
import type { Settings } from '../../core/config.ts'
import { unseal } from '../../core/sealing.ts'
import { isTotpCode, matchingStep } from '../../core/totp.ts'
import type { Db } from '../../db/session.ts'
import { backupCodes, totpSecrets } from '../../models/index.ts'
import { type AuthParts, trusted } from './parts.ts'

const BACKUP_CODES = 10

/** Whom a user's TOTP secret is sealed for. */
export const totpOwner = (user_id: number): string => `totp:${user_id}`

const isGuarding = (user_id: number) => and(eq(totpSecrets.user_id, user_id), isNotNull(totpSecrets.enabled_at))

/** Whether an account's password is not enough to log in. */
export async function hasTwoFactor(db: Db, user_id: number): Promise<boolean> {
  const found = await db.select({ user_id: totpSecrets.user_id }).from(totpSecrets).where(isGuarding(user_id))
  return found.length > 0
}

/** Uses up a code of the second factor, TOTP or backup; false when it is wrong or was used. Of two at once one gets true. */
export function useCode(parts: AuthParts, user_id: number, code: string): Promise<boolean> {
  const text = code.replaceAll(/\s/g, '')
  return trusted(parts, (db) =>
    isTotpCode(text) ? useTotp(db, parts.settings, user_id, text) : useBackupCode(db, user_id, text),
  )
}

async function useTotp(db: Db, settings: Settings, user_id: number, code: string): Promise<boolean> {
  const [row] = await db.select({ secret: totpSecrets.secret }).from(totpSecrets).where(isGuarding(user_id))
  const step = row && matchingStep(unseal(row.secret, totpOwner(user_id), settings), code)
  if (step === undefined) return false
  const used = await db
    .update(totpSecrets)
    .set({ last_step: step })
    .where(and(isGuarding(user_id), lt(totpSecrets.last_step, step)))
    .returning({ user_id: totpSecrets.user_id })
  return used.length > 0
}

async function useBackupCode(db: Db, user_id: number, code: string): Promise<boolean> {
  const used = await db
    .delete(backupCodes)
    .where(and(eq(backupCodes.user_id, user_id), eq(backupCodes.code_hash, backupCodeHash(code, user_id))))
    .returning({ user_id: backupCodes.user_id })
  return used.length > 0
}

/** Makes a user's backup codes anew, which ends the old ones. They can be shown this once. */
export async function replaceBackupCodes(db: Db, user_id: number): Promise<string[]> {
  const codes = Array.from({ length: BACKUP_CODES }, newBackupCode)
  await dropBackupCodes(db, user_id)
  await db.insert(backupCodes).values(codes.map((code) => ({ user_id, code_hash: backupCodeHash(code, user_id) })))
  return codes
}

/** How many of a user's backup codes are not used. */
export const countBackupCodes = (db: Db, user_id: number): Promise<number> =>
  db.$count(backupCodes, eq(backupCodes.user_id, user_id))

export async function dropBackupCodes(db: Db, user_id: number): Promise<void> {
  await db.delete(backupCodes).where(eq(backupCodes.user_id, user_id))
}
