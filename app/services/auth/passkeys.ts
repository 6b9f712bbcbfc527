import { and, asc, eq } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { Db } from '../../db/session.ts'
import { passkeys, users } from '../../models/index.ts'
import type { PasskeyAttestation } from '../../schemas/passkey.ts'
import { recordAccountChange } from '../activity/account.ts'
import { type AuthParts, trusted } from './parts.ts'
import { type Proofs, reauthenticate } from './re-authentication.ts'
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

const MOST_PASSKEYS = 20
// EdDSA, ES256 and RS256 (IANA's COSE algorithms). Said rather than left to the library: what it offers by default depends
// on the Node it runs on.
const ALGORITHMS = [-8, -7, -257]
const { id, name, created_at, last_used_at } = passkeys
const SHOWN = { id, name, created_at, last_used_at }

/** A user's own passkeys. Each logs in by itself: possession, and the device's own check of its user. */
export class PasskeyService {
  readonly #parts: AuthParts

  constructor(parts: AuthParts) {
    this.#parts = parts
  }

  /**
   * What a browser makes a passkey by. A passkey is a second way in, so its owner shows again who they are.
   * @throws AppError as `reauthenticate`; `bad_request` where there are too many
   */
  async registrationOptions(user: { id: number; email: string; full_name: string | null }, proofs: Proofs) {
    const { settings } = this.#parts
    await reauthenticate(this.#parts, user.id, proofs)
    const { challenge, own } = await trusted(this.#parts, async (db) => ({
      own: await demandRoom(db, user.id),
      challenge: await issueChallenge(db, 'registration', user.id),
    }))
    const { generateRegistrationOptions } = await webauthn()
    return generateRegistrationOptions({
      rpName: settings.TWO_FACTOR_ISSUER,
      rpID: rpID(settings),
      userID: userHandle(user.id),
      userName: user.email,
      userDisplayName: user.full_name ?? user.email,
      challenge,
      timeout: TIMEOUT,
      attestationType: 'none',
      excludeCredentials: own.map(({ credential_id, transports }) => ({ id: credential_id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    })
  }

  /** Keeps a new passkey. @throws AppError `bad_request`, `duplicate` */
  async register(user_id: number, { name: called, credential }: { name: string; credential: PasskeyAttestation }) {
    const made = await this.#verify(user_id, credential)
    if (!made) throw new AppError('bad_request', 'This passkey cannot be registered; start again')
    return trusted(this.#parts, async (db) => {
      // Held, so that two at once cannot both take the last place.
      await db.select({ id: users.id }).from(users).where(eq(users.id, user_id)).for('update')
      await demandRoom(db, user_id)
      const row = {
        user_id,
        name: called,
        credential_id: made.id,
        public_key: Buffer.from(made.publicKey).toString('base64url'),
        counter: made.counter,
        transports: credential.response.transports ?? [],
      }
      const [passkey] = await db.insert(passkeys).values(row).returning(SHOWN)
      if (!passkey) throw new Error('The database returned no passkey')
      await recordAccountChange(this.#parts, db, user_id, { action: 'passkey_added' })
      return passkey
    })
  }

  /** The oldest first. */
  list(user_id: number) {
    return trusted(this.#parts, (db) =>
      db.select(SHOWN).from(passkeys).where(eq(passkeys.user_id, user_id)).orderBy(asc(id)),
    )
  }

  /** @throws AppError `not_found` */
  async remove(user_id: number, passkey_id: number): Promise<void> {
    const isOwn = and(eq(passkeys.user_id, user_id), eq(id, passkey_id))
    await trusted(this.#parts, async (db) => {
      const removed = await db.delete(passkeys).where(isOwn).returning({ id })
      if (removed.length === 0) throw new AppError('not_found', 'Passkey not found')
      await recordAccountChange(this.#parts, db, user_id, { action: 'passkey_removed' })
    })
  }

  async #verify(user_id: number, credential: PasskeyAttestation) {
    const { settings } = this.#parts
    const challenge = challengeIn(credential.response.clientDataJSON)
    const issued = await trusted(this.#parts, (db) => consumeChallenge(db, challenge, 'registration', user_id))
    if (!issued || !(await isUnattested(credential))) return undefined
    const { verifyRegistrationResponse } = await webauthn()
    const checked = await verifyRegistrationResponse({
      response: { ...credential, clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: origins(settings),
      expectedRPID: rpID(settings),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch(() => undefined) // it throws for whatever is wrong with a response
    return checked?.registrationInfo?.credential
  }
}

/** A user's passkeys, where there is room for one more. @throws AppError `bad_request` */
async function demandRoom(db: Db, user_id: number) {
  const { credential_id, transports } = passkeys
  const own = await db.select({ credential_id, transports }).from(passkeys).where(eq(passkeys.user_id, user_id))
  if (own.length >= MOST_PASSKEYS)
    throw new AppError('bad_request', `You have ${MOST_PASSKEYS} passkeys, the most there can be; delete one first`)
  return own
}

/**
 * Whether nobody vouches for the authenticator but itself: nothing else was asked for (WebAuthn §5.4.7). Certificates sent
 * all the same are not looked into: the library would ask addresses that they name.
 */
async function isUnattested({ response }: PasskeyAttestation): Promise<boolean> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  try {
    const object = decodeAttestationObject(Buffer.from(response.attestationObject, 'base64url'))
    const format = object.get('fmt')
    return format === 'none' || (format === 'packed' && object.get('attStmt').get('x5c') === undefined)
  } catch {
    return false
  }
}
