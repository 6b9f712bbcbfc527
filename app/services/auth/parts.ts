import type { Background } from '../../core/background.ts'
import type { Mailer } from '../../core/mail.ts'
import type { Settings } from '../../core/config.ts'
import type { Tokens } from '../../core/tokens.ts'
import type { Engine } from '../../db/engine.ts'
import type { Actor } from '../../db/scope.ts'
import type { Db } from '../../db/session.ts'
import { systemContext } from '../context.ts'
import type { AccountTurns } from './account-turns.ts'

/** What everything about accounts works with. Who someone is depends on no company, so its work is trusted work. */
export interface AuthParts {
  engine: Engine
  settings: Settings
  tokens: Tokens
  mailer: Mailer
  /** For work that the caller must not be able to time, such as mail to an address that may be nobody's. */
  background: Background
  /** Whatever tries a password takes its turn here: guesses made at once are counted one by one. */
  turns: AccountTurns
  /** Whose request it is; without one for work that no request waits for. The activity log tells it. */
  origin?: Origin
}

/** Who asks, from where, and in which company their session is. */
export interface Origin extends Actor {
  company_id: number | null
}

/** Runs `work` in a transaction of its own across companies. Nothing slow belongs in it: no hashing, no mail, no network. */
export function trusted<R>({ engine, settings, origin }: AuthParts, work: (db: Db) => Promise<R>): Promise<R> {
  return systemContext({ engine, settings, company_id: null, actor: origin && actorOf(origin) }, ({ db }) => work(db))
}

const actorOf = ({ company_id: _, ...actor }: Origin): Actor => actor
