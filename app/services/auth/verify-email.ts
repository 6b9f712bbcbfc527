import { and, eq, not, or, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { isLiveUser } from './live-user.ts'
import { claimAddress, lockAddress } from './address.ts'
import { mayMail } from './mail-pause.ts'
import { verificationMail } from './mails.ts'
import { consumeToken, dropTokens, issueToken } from './one-time-tokens.ts'
import { type AuthParts, trusted } from './parts.ts'
import { openAccount } from './registration.ts'

const LINK_MINUTES = 7 * 24 * 60

/** Shows that an e-mail address is a user's own, by a link sent there. */
export class EmailVerificationService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /** Mails the user a link, later; not where there is nothing left to show. */
  sendLink(user_id: number): void {
    const { background, mailer, settings } = this.#parts
    background.run(async () => {
      const link = await trusted(this.#parts, (db) => makeLink(db, user_id))
      if (link) await mailer.send(verificationMail(settings, link, link.token))
    })
  }

  /** Takes a link's token: of a user's address, or of a registration. @throws AppError `invalid_link` */
  verify(token: string): Promise<void> {
    return trusted(this.#parts, async (db) => {
      const known = await consumeToken(db, 'email_verification', token)
      if (known) return confirm(db, known.user_id ?? 0, String(known.data['email']))
      const { REGISTRATION_ENABLED } = this.#parts.settings
      const registered = REGISTRATION_ENABLED ? await consumeToken(db, 'registration', token) : undefined
      if (!registered) throw new AppError('invalid_link')
      return openAccount(db, registered.data)
    })
  }
}

async function makeLink(db: Db, user_id: number) {
  const [user] = await db
    .select({ email: users.email, username: users.username })
    .from(users)
    .where(and(eq(users.id, user_id), isLiveUser, or(not(users.is_verified), not(users.owns_email))))
  if (!user || !(await mayMail(db, 'email_verification', user_id))) return undefined
  await dropTokens(db, 'email_verification', user_id)
  const data = { email: user.email }
  const token = await issueToken(db, { purpose: 'email_verification', user_id, data, minutes: LINK_MINUTES })
  return { ...user, token }
}

/** Not for an address that the user has no more. */
async function confirm(db: Db, user_id: number, email: string): Promise<void> {
  await lockAddress(db, email)
  const [user] = await db
    .update(users)
    .set({ is_verified: true, updated_at: sql`now()` })
    .where(and(eq(users.id, user_id), eq(users.email, email), isLiveUser))
    .returning({ owns_email: users.owns_email })
  if (!user) throw new AppError('invalid_link')
  if (!user.owns_email) await claimAddress(db, user_id, email)
}
