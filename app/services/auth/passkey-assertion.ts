import { and, eq, lt, or, sql } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { passkeys, users } from '../../models/index.ts'
import type { PasskeyAssertion } from '../../schemas/passkey.ts'
import { isLiveUser } from './live-user.ts'
import { type AuthParts, trusted } from './parts.ts'
import {
  TIMEOUT,
  challengeIn,
  consumeChallenge,
  issueChallenge,
  origins,
  rpID,
  userHandle,
  webauthn,
} from './relying-party.ts'

/** What a browser asks for a passkey by. The same for everybody: no account is named, so that none is told of. */
export async function assertionOptions(parts: AuthParts) {
  const challenge = await trusted(parts, (db) => issueChallenge(db, 'log_in', null))
  const { generateAuthenticationOptions } = await webauthn()
  return generateAuthenticationOptions({
    rpID: rpID(parts.settings),
    challenge,
    timeout: TIMEOUT,
    allowCredentials: [], // the authenticator shows those that it has
    userVerification: 'required',
  })
}

/**
 * The active user whose passkey has signed a challenge of ours, with the device's own check of that user; undefined
 * whatever is wrong. With `owner`, it must be that user's. The challenge is used up either way.
 */
export async function verifyAssertion(
  parts: AuthParts,
  credential: PasskeyAssertion,
  owner?: number,
): Promise<number | undefined> {
  const challenge = challengeIn(credential.response.clientDataJSON)
  const { issued, passkey } = await trusted(parts, async (db) => ({
    issued: await consumeChallenge(db, challenge, 'log_in', null),
    passkey: await findPasskey(db, credential.id, owner),
  }))
  const handle = credential.response.userHandle ?? undefined
  if (!issued || !passkey || !isHandleOf(passkey.user_id, handle)) return undefined
  const { id, credential_id, public_key, counter, user_id } = passkey
  const { verifyAuthenticationResponse } = await webauthn()
  const checked = await verifyAuthenticationResponse({
    response: {
      ...credential,
      response: { ...credential.response, userHandle: handle },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: origins(parts.settings),
    expectedRPID: rpID(parts.settings),
    credential: { id: credential_id, publicKey: Buffer.from(public_key, 'base64url'), counter },
    requireUserVerification: true,
  }).catch(() => undefined) // it throws for whatever is wrong with a response, a counter that goes back included
  if (!checked?.verified) return undefined
  const counted = await trusted(parts, (db) => countUse(db, id, checked.authenticationInfo.newCounter))
  return counted ? user_id : undefined
}

async function findPasskey(db: Db, credential_id: string, owner: number | undefined) {
  const isOwners = owner === undefined ? undefined : eq(passkeys.user_id, owner)
  const [found] = await db
    .select({ passkey: passkeys })
    .from(passkeys)
    .innerJoin(users, and(eq(users.id, passkeys.user_id), isLiveUser))
    .where(and(eq(passkeys.credential_id, credential_id), isOwners))
  return found?.passkey
}

/** An authenticator that names a user must name the right one (WebAuthn §7.2, step 6). */
const isHandleOf = (user_id: number, handle: string | undefined): boolean =>
  handle === undefined || handle === userHandle(user_id).toString('base64url')

/**
 * Notes a use; false where another was counted meanwhile that this one does not come after: two devices count for one key,
 * so it was copied. Authenticators that share their keys do not count, and always say 0 (WebAuthn §6.1.1).
 */
async function countUse(db: Db, id: number, counter: number): Promise<boolean> {
  const goesOn = or(lt(passkeys.counter, counter), and(eq(passkeys.counter, 0), sql`${counter}::bigint = 0`))
  const counted = await db
    .update(passkeys)
    .set({ counter, last_used_at: sql`now()` })
    .where(and(eq(passkeys.id, id), goesOn))
    .returning({ id: passkeys.id })
  return counted.length > 0
}
