import { createHash } from 'node:crypto'
import type { Settings } from '../../core/config.ts'
import { readJson } from '../../core/read-json.ts'
import type { Db } from '../../db/session.ts'
import { consumeToken, issueToken } from './one-time-tokens.ts'

/** The library, loaded at its first use: it is large, and a server has to start quickly. */
export const webauthn = () => import('@simplewebauthn/server')

// What this installation is to an authenticator (WebAuthn's "relying party").

const MINUTES = 5
/** How long a browser may wait for its user, in milliseconds: as long as the challenge is good. */
export const TIMEOUT = MINUTES * 60_000

/** The domain that passkeys belong to. It must stay: they are good for no other. */
export const rpID = ({ FRONTEND_URL }: Settings): string => new URL(FRONTEND_URL).hostname

/** The pages that may use them. */
export const origins = ({ FRONTEND_URL, BACKEND_CORS_ORIGINS }: Settings): string[] =>
  [FRONTEND_URL, ...BACKEND_CORS_ORIGINS].map((url) => new URL(url).origin)

/**
 * What authenticators know a user by: the same for all of a user's passkeys, and telling whoever finds the authenticator
 * nothing about them (WebAuthn §14.6.1).
 */
export const userHandle = (user_id: number): Buffer<ArrayBuffer> =>
  createHash('sha256').update(`passkey user:${user_id}`).digest()

/** What is signed: for a registration by the user, or for a log-in by whoever it turns out to be. */
export type Use = 'registration' | 'log_in'

/** A new challenge, good once and for five minutes. */
export async function issueChallenge(db: Db, use: Use, user_id: number | null): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(
    await issueToken(db, { purpose: 'passkey', user_id, data: { use }, minutes: MINUTES }),
    'base64url',
  )
}

/** Uses a challenge up; false when it was not issued for this. */
export async function consumeChallenge(db: Db, challenge: string, use: Use, user_id: number | null): Promise<boolean> {
  const issued = await consumeToken(db, 'passkey', challenge)
  return issued?.data['use'] === use && issued.user_id === user_id
}

/** The challenge that a browser says was signed; empty when it says nothing of use. */
export function challengeIn(clientDataJSON: string): string {
  const data = readJson(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))
  const challenge = typeof data === 'object' && data !== null && 'challenge' in data ? data.challenge : undefined
  return typeof challenge === 'string' ? challenge : ''
}
