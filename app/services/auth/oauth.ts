import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { authorizationUrl, identify, newSecrets } from '../../core/oauth-client.ts'
import type { OAuthProvider } from '../../core/oauth-providers.ts'
import { recordAccountChange } from '../activity/account.ts'
import { demandUnlocked } from './lockout.ts'
import { type Proven, findAccount, link } from './oauth-accounts.ts'
import { consumeToken, issueToken, readToken } from './one-time-tokens.ts'
import { type AuthParts, trusted } from './parts.ts'
import { type Proof, demandSecondFactor } from './second-factor.ts'
import { SessionService } from './sessions.ts'
import { hasTwoFactor } from './two-factor-codes.ts'

/** How a provider sent the browser back. */
export interface Return {
  /** The address, with what the provider has added to it. */
  url: URL
  /** The state that this browser was given when it left. */
  held_state: string | undefined
}

interface Exchange extends Proof {
  code: string
  /** The code that this browser was given with it. */
  held_code: string | undefined
}

export const STATE_MINUTES = 10
const CODE_MINUTES = 1
const CODE_MINUTES_WITH_TOTP = 5

const State = z.object({ provider: z.string(), code_verifier: z.string(), nonce: z.string() })
const Claim = z.object({ provider: z.string(), subject: z.string(), email: z.string() }).nullable()

/** Log-in at a provider: OpenID Connect, or OAuth 2 at GitHub. */
export class OAuthService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  list(): { name: string }[] {
    return this.#parts.settings.OAUTH.map(({ name }) => ({ name }))
  }

  /**
   * Begins a log-in: where the browser goes, and the state that it has to keep.
   * @throws AppError `not_found` for an unknown provider, `provider_unavailable`
   */
  async begin(name: string, redirect_uri: string): Promise<{ url: string; state: string }> {
    const provider = this.#provider(name)
    const secrets = newSecrets()
    const token = { purpose: 'oauth_state' as const, data: { provider: name, ...secrets }, minutes: STATE_MINUTES }
    const state = await trusted(this.#parts, (db) => issueToken(db, token))
    return { url: await authorizationUrl(provider, secrets, state, redirect_uri), state }
  }

  /**
   * Who has come back from a provider. A state counts once, at the provider it was made for, and in the browser that left with
   * it: else an attacker could have a victim finish the attacker's own log-in (RFC 9700 §4.7).
   * @throws AppError `oauth_failed`, `provider_unavailable`; `not_found` for an unknown provider
   */
  async complete(name: string, { url, held_state }: Return): Promise<Proven> {
    const provider = this.#provider(name)
    const state = url.searchParams.get('state')
    if (!state || state !== held_state) throw new AppError('oauth_failed')
    const kept = State.safeParse((await trusted(this.#parts, (db) => consumeToken(db, 'oauth_state', state)))?.data)
    if (kept.data?.provider !== name) throw new AppError('oauth_failed')
    const identity = await identify(provider, url, kept.data, state)
    return trusted(this.#parts, (db) => findAccount(db, name, identity, this.#parts.settings))
  }

  /** A code for the front end, so that no token is in an address; the browser has to keep it too. */
  handOver({ user_id, claim }: Proven): Promise<{ code: string; minutes: number }> {
    return trusted(this.#parts, async (db) => {
      const minutes = (await hasTwoFactor(db, user_id)) ? CODE_MINUTES_WITH_TOTP : CODE_MINUTES
      return { code: await issueToken(db, { purpose: 'oauth_log_in', user_id, data: { claim }, minutes }), minutes }
    })
  }

  /**
   * Logs in with such a code. It is used up when the log-in succeeds, so that a second factor can be asked for in between.
   * @throws AppError `oauth_failed`, and what `logIn` throws
   */
  async exchange({ code, held_code, ...proof }: Exchange) {
    if (code !== held_code) throw new AppError('oauth_failed')
    const found = await trusted(this.#parts, (db) => readToken(db, 'oauth_log_in', code))
    if (!found?.user_id) throw new AppError('oauth_failed')
    const claim = Claim.parse(found.data['claim'])
    return this.logIn({ user_id: found.user_id, claim }, proof, code)
  }

  /**
   * Starts a session. A provider is a first factor: who has switched on a second one here is asked for it, and only then is
   * the provider's account linked. Otherwise whoever gets into a mailbox could do without.
   * @throws AppError `account_locked`, `two_factor_required`, `invalid_two_factor_code`, `oauth_failed`
   */
  logIn({ user_id, claim }: Proven, proof: Proof, code?: string) {
    // One attempt at a time on an account, as with passwords: else many codes could be tried before one failure is counted.
    return this.#parts.turns.run(user_id, async () => {
      await trusted(this.#parts, (db) => demandUnlocked(db, user_id))
      await demandSecondFactor(this.#parts, user_id, proof)
      await trusted(this.#parts, async (db) => {
        if (code && !(await consumeToken(db, 'oauth_log_in', code))) throw new AppError('oauth_failed')
        if (!claim) return
        await link(db, user_id, claim)
        const { provider } = claim
        await recordAccountChange(this.#parts, db, user_id, { action: 'oauth_linked', metadata: { provider } })
      })
      return new SessionService(this.#parts).start(user_id, { method: 'oauth' })
    })
  }

  #provider(name: string): OAuthProvider {
    const provider = this.#parts.settings.OAUTH.find((one) => one.name === name)
    if (!provider) throw new AppError('not_found', 'Provider not found')
    return provider
  }
}
