import { createTokens } from '../../app/core/tokens.ts'
import type { Settings } from '../../app/core/config.ts'
import type { Engine } from '../../app/db/engine.ts'
import { sessions } from '../../app/models/index.ts'
import { systemContext } from '../../app/services/context.ts'
import type { TestUser } from './baseline.ts'

export type AuthHeaders = (user: TestUser) => { authorization: string }

/**
 * Logs the users in, each on a session of its own, and returns what makes a request theirs. Not through the API: that
 * would hash passwords. The sessions are new ones each time, so that no process remembers them from a test before.
 */
export async function logIn(engine: Engine, settings: Settings, users: TestUser[]): Promise<AuthHeaders> {
  const tokens = createTokens(settings)
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  const started = users.map(({ id, company_id }) => ({ id: crypto.randomUUID(), user_id: id, company_id }))
  await systemContext({ engine, settings, company_id: null }, ({ db }) =>
    db.insert(sessions).values(started.map((session) => ({ ...session, refresh_hash: '', expires_at }))),
  )
  return ({ id, company_id }) => {
    const sid = started.find(({ user_id }) => user_id === id)?.id ?? crypto.randomUUID()
    return { authorization: `Bearer ${tokens.sign({ sub: String(id), sid, type: 'access', company_id })}` }
  }
}
