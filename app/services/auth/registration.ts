import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { hashPassword } from '../../core/passwords.ts'
import type { Db } from '../../db/session.ts'
import { users } from '../../models/index.ts'
import { isVerifiedAddress, lockAddress, releaseAddress } from './address.ts'
import { mayMail } from './mail-pause.ts'
import { alreadyRegisteredMail, registrationMail } from './mails.ts'
import { demandGoodPassword } from './new-password.ts'
import { issueToken } from './one-time-tokens.ts'
import { type AuthParts, trusted } from './parts.ts'
import { ResetService } from './reset-password.ts'

const LINK_MINUTES = 7 * 24 * 60

interface Registration {
  email: string
  username: string
  password: string
  full_name?: string | null | undefined
}

/** What is kept of a registration until its link is used: the account is made then, so nobody can log in, or hold a name, before. */
const Pending = z.object({
  email: z.string(),
  username: z.string(),
  full_name: z.string().nullable(),
  password_hash: z.string(),
})
type Pending = z.output<typeof Pending>

/**
 * Begins an account that somebody makes for themselves: mails a link that opens it or, where the address is known, one to who
 * has it, later. Neither the answer nor its time says which names are taken.
 * @throws AppError `validation_error` for a weak password
 */
export async function register(parts: AuthParts, registration: Registration): Promise<void> {
  const { email, username, password, full_name = null } = registration
  demandGoodPassword('password', password, { username, email })
  const password_hash = await hashPassword(password)
  parts.background.run(() => answer(parts, { email, username, full_name, password_hash }))
}

async function answer(parts: AuthParts, pending: Pending): Promise<void> {
  const { email } = pending
  if (await trusted(parts, (db) => isVerifiedAddress(db, email)))
    return new ResetService(parts).sendLinks(email, alreadyRegisteredMail)
  const token = await trusted(parts, async (db) => {
    if (!(await mayMail(db, 'registration', email.toLowerCase()))) return undefined
    return issueToken(db, { purpose: 'registration', data: pending, minutes: LINK_MINUTES })
  })
  if (token) await parts.mailer.send(registrationMail(parts.settings, pending, token))
}

/**
 * Makes the account of a registration whose link was used. It takes the address over from an account that was never
 * verified; of several registrations with one address the first gets it. A username that is taken it has without owning it.
 * @throws AppError `invalid_link`, `conflict`
 */
export async function openAccount(db: Db, registration: unknown): Promise<void> {
  const pending = Pending.parse(registration)
  await lockAddress(db, pending.email)
  if (await isVerifiedAddress(db, pending.email)) throw new AppError('invalid_link')
  await releaseAddress(db, pending.email)
  for (const owns_username of [true, false]) {
    const row = { ...pending, is_verified: true, owns_username }
    const made = await db.insert(users).values(row).onConflictDoNothing().returning({ id: users.id })
    if (made.length > 0) return
  }
  throw new AppError('conflict') // somebody was given the address at this moment
}
