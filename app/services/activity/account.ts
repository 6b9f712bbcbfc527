import type { Db } from '../../db/session.ts'
import { ActivityCategory, ActivityLevel } from '../../models/activity-log.ts'
import type { AuthParts } from '../auth/parts.ts'
import { type Activity, recordActivity } from './record.ts'
import { MANY_FAILURES, type RiskReason } from './risk.ts'

// What people do with their own accounts. An account belongs to no company: an entry goes to the company in which it was done,
// and to none where there is none yet. Attempts that failed go to no company: they tell nothing about one.

const { AUTHENTICATION, SECURITY } = ActivityCategory
const ofAccount = (user_id: number | null) => ({ user_id, entity_type: 'users', entity_id: user_id })

/** Tells what somebody changed about their own account, in the company of their session. */
export async function recordAccountChange(
  { origin }: Pick<AuthParts, 'origin'>,
  db: Db,
  user_id: number,
  entry: Activity,
): Promise<void> {
  const company_id = origin?.company_id ?? null
  await recordActivity(db, [{ company_id, category: SECURITY, ...ofAccount(user_id), ...entry }])
}

/** An account at which an attempt failed: how often by now, and whether this one has locked it. Without an id: nobody's. */
export interface FailedAccount {
  id: number | null
  failures: number
  locked: boolean
}

/** What an attempt was: a log-in, or to prove once more who one is. */
export type AttemptKind = 'login_failed' | 'two_factor_failed' | 'reauthentication_failed'

/** Tells of a failed attempt. Nothing that was typed is kept: people type passwords where a name belongs. */
export async function recordFailedAttempt(db: Db, action: AttemptKind, accounts: FailedAccount[]): Promise<void> {
  const { WARNING } = ActivityLevel
  const entries = accounts.flatMap(({ id, failures, locked }) => {
    const findings: RiskReason[] = failures >= MANY_FAILURES ? ['repeated_failures'] : []
    const about = { company_id: null, success: false, level: WARNING, ...ofAccount(id), metadata: { failures } }
    const failed = { ...about, action, category: AUTHENTICATION, findings }
    const lock = {
      ...about,
      action: 'account_locked',
      category: SECURITY,
      findings: [...findings, 'account_locked' as const],
    }
    return locked ? [failed, lock] : [failed]
  })
  await recordActivity(db, entries)
}

interface LogIn {
  user: { id: number; username: string; full_name: string | null }
  session_id: string
  /** The company that the session enters. */
  company_id: number | null
  method: string
  /** Failed attempts since the last log-in. They are of no company. */
  failures: number
}

/**
 * Tells of a log-in: in the company that it enters, judged by what that company knows; and after many failures, which no
 * company knows of, in an entry of no company too.
 */
export async function recordLogIn(db: Db, logIn: LogIn) {
  const { user, session_id, company_id, method, failures } = logIn
  const entry = {
    ...ofAccount(user.id),
    action: 'login',
    category: AUTHENTICATION,
    entity_name: user.full_name ?? user.username,
    session_id,
    metadata: { method },
  }
  const guessed = failures >= MANY_FAILURES
  const findings: RiskReason[] = ['failures_before_success']
  const alarm = { ...entry, company_id: null, level: ActivityLevel.WARNING, findings, metadata: { method, failures } }
  if (company_id === null) await recordActivity(db, [guessed ? alarm : { ...entry, company_id }])
  else await recordActivity(db, [{ ...entry, company_id }, ...(guessed ? [alarm] : [])])
}

/** An entry about a session, in the company that the session is in. */
export const aboutSession = (user_id: number, { id, company_id }: { id?: string; company_id: number | null }) => ({
  ...ofAccount(user_id),
  company_id,
  category: AUTHENTICATION,
  ...(id !== undefined && { session_id: id }),
})
