import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import { attestationCertificate, attestationKey } from './attestation-certificate.ts'
import type { PasskeyAssertion, PasskeyAttestation } from '../../app/schemas/passkey.ts'

/** What an authenticator does otherwise than it should. */
export interface Oddities {
  origin?: string
  rpId?: string
  /** Whether it checked its user, by finger or PIN */
  verified?: boolean
  /** What it says it has signed, instead of one more than before */
  counter?: number
  type?: string
  userHandle?: string
  /** How it is vouched for: by itself, or by its maker's certificate; otherwise it is not */
  attested?: 'by itself' | 'by its maker'
}

type CBORType = Parameters<typeof isoCBOR.encode>[0]

const ES256 = -7
const FLAGS = { present: 0x01, verified: 0x04, credential: 0x40 }
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()
const uint = (bytes: number, value: number) => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

/** A software authenticator with the browser around it: one passkey of kind ES256 (WebAuthn §6). */
export class Authenticator {
  readonly id = randomBytes(16)
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #home: Required<Pick<Oddities, 'origin' | 'rpId'>>
  #userHandle = ''
  #counter: number

  /** @param counter the signatures it has made; NaN for one that does not count and says 0 */
  constructor({ origin = 'http://localhost:5173', rpId = 'localhost', counter = 0 }: Oddities = {}) {
    this.#home = { origin, rpId }
    this.#counter = counter
  }

  /** What `navigator.credentials.create()` answers. */
  create(options: { challenge: string; user: { id: string } }, odd: Oddities = {}): PasskeyAttestation {
    this.#userHandle = options.user.id
    const credential = Buffer.concat([Buffer.alloc(16), uint(2, this.id.length), this.id, this.#coseKey()])
    const authData = Buffer.concat([this.#authData(odd, FLAGS.credential), credential])
    const clientData = this.#clientData('webauthn.create', options.challenge, odd)
    const object = new Map<string, CBORType>([
      ['fmt', odd.attested ? 'packed' : 'none'],
      ['attStmt', this.#statement(Buffer.concat([authData, sha256(clientData)]), odd)],
      ['authData', new Uint8Array(authData)],
    ])
    return this.#credential({
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: Buffer.from(isoCBOR.encode(object)).toString('base64url'),
      transports: ['internal'],
    })
  }

  /** What `navigator.credentials.get()` answers. */
  get(options: { challenge: string }, odd: Oddities = {}): PasskeyAssertion {
    const clientData = this.#clientData('webauthn.get', options.challenge, odd)
    const authData = this.#authData(odd)
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#keys.privateKey)
    return this.#credential({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      userHandle: odd.userHandle ?? this.#userHandle,
    })
  }

  /** An attestation statement of format none or packed (WebAuthn §8.2, §8.7). */
  #statement(signed: Buffer, { attested }: Oddities): Map<string, CBORType> {
    if (!attested) return new Map()
    const key = attested === 'by itself' ? this.#keys.privateKey : attestationKey
    const statement = new Map<string, CBORType>([
      ['alg', ES256],
      ['sig', new Uint8Array(sign('sha256', signed, key))],
    ])
    return attested === 'by itself' ? statement : statement.set('x5c', [attestationCertificate])
  }

  #credential<Response>(response: Response) {
    const id = this.id.toString('base64url')
    return { id, rawId: id, type: 'public-key' as const, response }
  }

  #clientData(type: string, challenge: string, odd: Oddities): Buffer {
    const origin = odd.origin ?? this.#home.origin
    return Buffer.from(JSON.stringify({ type: odd.type ?? type, challenge, origin, crossOrigin: false }))
  }

  #authData({ rpId = this.#home.rpId, verified = true, counter = (this.#counter += 1) }: Oddities, more = 0): Buffer {
    const flags = FLAGS.present | more | (verified ? FLAGS.verified : 0)
    return Buffer.concat([sha256(rpId), uint(1, flags), uint(4, counter || 0)])
  }

  /** The public key (RFC 9053 §7.1.1): kty EC2, alg ES256, curve P-256, x, y. */
  #coseKey(): Uint8Array {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    return isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, ES256],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ]),
    )
  }
}
