import { and, eq, isNull, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { seal, unseal } from '../../core/sealing.ts'
import { matchingStep, newTotpSecret, totpUrl } from '../../core/totp.ts'
import { ActivityLevel } from '../../models/activity-log.ts'
import { totpSecrets } from '../../models/index.ts'
import { recordAccountChange } from '../activity/account.ts'
import { demandUnlocked } from './lockout.ts'
import { type AuthParts, trusted } from './parts.ts'
import { type Proofs, WRONG_CODE, reauthenticate, refuse } from './re-authentication.ts'
import { countBackupCodes, dropBackupCodes, hasTwoFactor, replaceBackupCodes, totpOwner } from './two-factor-codes.ts'

const OFF = 'Two-factor log-in is not on'
const isUnconfirmed = (user_id: number) => and(eq(totpSecrets.user_id, user_id), isNull(totpSecrets.enabled_at))

/** A user's own second factor: an authenticator app, and backup codes for who has lost it. */
export class TwoFactorService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /** Whether it guards the user's log-in, and how many backup codes are left. */
  status(user_id: number): Promise<{ enabled: boolean; backup_codes_left: number }> {
    return trusted(this.#parts, async (db) => ({
      enabled: await hasTwoFactor(db, user_id),
      backup_codes_left: await countBackupCodes(db, user_id),
    }))
  }

  /**
   * A new secret, which guards nothing until `enable`; one that was not confirmed is forgotten.
   * @throws AppError `bad_request` where the second factor is on already
   */
  async setUp({ id: user_id, email }: { id: number; email: string }) {
    const { settings } = this.#parts
    const secret = newTotpSecret()
    const fresh = { secret: seal(secret, totpOwner(user_id), settings), last_step: 0, updated_at: sql`now()` }
    const kept = await trusted(this.#parts, (db) =>
      db
        .insert(totpSecrets)
        .values({ user_id, ...fresh })
        .onConflictDoUpdate({ target: totpSecrets.user_id, set: fresh, setWhere: isNull(totpSecrets.enabled_at) })
        .returning({ user_id: totpSecrets.user_id }),
    )
    if (kept.length === 0) throw new AppError('bad_request', 'Two-factor log-in is on already; disable it first')
    const otpauth_url = totpUrl(secret, { issuer: settings.TWO_FACTOR_ISSUER, account: email })
    const { toDataURL } = await import('qrcode')
    return { secret, otpauth_url, qr_code: await toDataURL(otpauth_url) }
  }

  /**
   * Turns the second factor on for who shows a code of the new secret, and returns the backup codes. That code is used
   * up: it does not log in.
   * @throws AppError `bad_request`, `account_locked`, `overloaded`
   */
  enable(user_id: number, code: string): Promise<string[]> {
    const parts = this.#parts
    return parts.turns.run(user_id, async () => {
      const codes = await trusted(parts, async (db) => {
        await demandUnlocked(db, user_id)
        const [row] = await db.select().from(totpSecrets).where(isUnconfirmed(user_id))
        if (!row) throw new AppError('bad_request', 'There is nothing to confirm; start with /auth/2fa/setup')
        const secret = unseal(row.secret, totpOwner(user_id), parts.settings)
        const last_step = matchingStep(secret, code.replaceAll(/\s/g, ''))
        if (last_step === undefined) return undefined
        const enabled = await db
          .update(totpSecrets)
          .set({ enabled_at: sql`now()`, updated_at: sql`now()`, last_step })
          .where(and(isUnconfirmed(user_id), eq(totpSecrets.secret, row.secret))) // not one that replaced it meanwhile
          .returning({ user_id: totpSecrets.user_id })
        if (enabled.length === 0) return undefined
        await recordAccountChange(parts, db, user_id, { action: 'two_factor_enabled' })
        return replaceBackupCodes(db, user_id)
      })
      return codes ?? refuse(parts, user_id, WRONG_CODE)
    })
  }

  /** Turns it off and forgets the secret and the backup codes. @throws AppError as `reauthenticate`; `bad_request` where it is off */
  async disable(user_id: number, proofs: Proofs): Promise<void> {
    await this.#proveOwner(user_id, proofs)
    await trusted(this.#parts, async (db) => {
      await db.delete(totpSecrets).where(eq(totpSecrets.user_id, user_id))
      await dropBackupCodes(db, user_id)
      await recordAccountChange(this.#parts, db, user_id, {
        action: 'two_factor_disabled',
        level: ActivityLevel.WARNING,
      })
    })
  }

  /** New backup codes; the old ones are worthless. @throws AppError as `reauthenticate`; `bad_request` where it is off */
  async renewBackupCodes(user_id: number, proofs: Proofs): Promise<string[]> {
    await this.#proveOwner(user_id, proofs)
    return trusted(this.#parts, async (db) => {
      // Held, so that neither a second renewal nor `disable` leaves codes of both behind.
      const guarding = await db.select().from(totpSecrets).where(eq(totpSecrets.user_id, user_id)).for('update')
      if (guarding.length === 0) throw new AppError('bad_request', OFF)
      await recordAccountChange(this.#parts, db, user_id, { action: 'backup_codes_renewed' })
      return replaceBackupCodes(db, user_id)
    })
  }

  async #proveOwner(user_id: number, proofs: Proofs): Promise<void> {
    if (!(await trusted(this.#parts, (db) => hasTwoFactor(db, user_id)))) throw new AppError('bad_request', OFF)
    await reauthenticate(this.#parts, user_id, proofs)
  }
}
