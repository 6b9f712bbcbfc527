import { and, desc, eq, or, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { hashPassword } from '../../core/passwords.ts'
import type { Db } from '../../db/session.ts'
import { totpSecrets, users } from '../../models/index.ts'
import { ActivityCategory } from '../../models/activity-log.ts'
import { recordAccountChange } from '../activity/account.ts'
import { isInUse, isLiveUser } from './live-user.ts'
import { mayMail } from './mail-pause.ts'
import { resetMail } from './mails.ts'
import { demandGoodPassword, replacePassword } from './new-password.ts'
import { consumeToken, dropTokens, issueToken, readToken } from './one-time-tokens.ts'
import { type AuthParts, trusted } from './parts.ts'

const LINK_MINUTES = 60
const MOST_ACCOUNTS = 10 // of one address: more mails at once help nobody
const account = { id: users.id, email: users.email, username: users.username }

/** New passwords for who has forgotten theirs, by links sent to the address of the account (never to the one typed). */
export class ResetService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /** Mails a link for each active account with this address, later: neither the answer nor its time says whether there is any. */
  sendLinks(email: string, mail = resetMail): void {
    const { background } = this.#parts
    background.run(async () => {
      const accounts = await trusted(this.#parts, (db) => findAccounts(db, email))
      // Each on its own: a mail that cannot be sent keeps no other back.
      for (const found of accounts) background.run(() => this.#sendLink(found, mail))
    })
  }

  /**
   * Sets a new password by a link's token and ends all sessions. A password that will not do leaves the link good. It logs
   * nobody in, and what else guards the account still does.
   * @throws AppError `invalid_link`, `validation_error`
   */
  async reset(token: string, new_password: string): Promise<void> {
    const found = await trusted(this.#parts, (db) => findByToken(db, token))
    if (!found) throw new AppError('invalid_link')
    demandGoodPassword('new_password', new_password, found)
    const password_hash = await hashPassword(new_password)
    await trusted(this.#parts, async (db) => {
      const used = await consumeToken(db, 'password_reset', token)
      const sameAddress = eq(users.email, found.email)
      if (!used || !(await replacePassword(db, found.id, password_hash, sameAddress)))
        throw new AppError('invalid_link')
      await forgiveFailures(db, found.id)
      await recordAccountChange(this.#parts, db, found.id, {
        action: 'password_reset',
        category: ActivityCategory.AUTHENTICATION,
      })
    })
  }

  async #sendLink(to: { id: number; email: string; username: string }, mail: typeof resetMail): Promise<void> {
    const token = await trusted(this.#parts, async (db) => {
      if (!(await mayMail(db, 'password_reset', to.id))) return undefined
      await dropTokens(db, 'password_reset', to.id)
      const data = { email: to.email }
      return issueToken(db, { purpose: 'password_reset', user_id: to.id, data, minutes: LINK_MINUTES })
    })
    if (token) await this.#parts.mailer.send(mail(this.#parts.settings, to, token))
  }
}

function findAccounts(db: Db, email: string) {
  return db
    .select(account)
    .from(users)
    .where(and(eq(sql`lower(${users.email})`, sql`lower(${email})`), isLiveUser, or(users.owns_email, isInUse)))
    .orderBy(desc(users.owns_email), users.id)
    .limit(MOST_ACCOUNTS)
}

/** The account that a link is for, if it still has the address that the link went to. */
async function findByToken(db: Db, token: string) {
  const meaning = await readToken(db, 'password_reset', token)
  if (!meaning?.user_id) return undefined
  const [found] = await db
    .select(account)
    .from(users)
    .where(and(eq(users.id, meaning.user_id), eq(users.email, String(meaning.data['email'])), isLiveUser))
  return found
}

/**
 * The link reached its reader: the address is theirs, if it means this account. The lock is lifted, except where it also
 * guards a second factor: who reads somebody's mail must not get new guesses at the code with every link.
 */
async function forgiveFailures(db: Db, user_id: number): Promise<void> {
  const guarded = sql`exists (select from ${totpSecrets} t where t.user_id = ${users.id} and t.enabled_at is not null)`
  await db
    .update(users)
    .set({
      is_verified: sql`${users.is_verified} or ${users.owns_email}`,
      failed_login_attempts: sql`case when ${guarded} then ${users.failed_login_attempts} else 0 end`,
      locked_until: sql`case when ${guarded} then ${users.locked_until} end`,
    })
    .where(eq(users.id, user_id))
}
