import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { Settings } from './config.ts'

type Keys = Pick<Settings, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS'>

/**
 * Encrypts a small secret for storing (AES-256-GCM, under a key derived from `SECRET_KEY` by HKDF, RFC 5869). `owner` is
 * bound to it: what was sealed for one owner opens for no other.
 */
export function seal(text: string, owner: string, { SECRET_KEY }: Keys): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyFrom(SECRET_KEY), nonce).setAAD(Buffer.from(owner))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return ['v1', nonce.toString('base64url'), sealed.toString('base64url')].join('.')
}

/**
 * The text that `seal` was given, under `SECRET_KEY` or, while keys are exchanged, `SECRET_KEY_PREVIOUS`.
 * @throws Error when it was altered, belongs to another owner, or was sealed under another key
 */
export function unseal(sealed: string, owner: string, keys: Keys): string {
  const previous = keys.SECRET_KEY_PREVIOUS
  try {
    return open(sealed, owner, keys.SECRET_KEY)
  } catch (error) {
    if (!previous) throw error
    return open(sealed, owner, previous)
  }
}

/**
 * The same secret sealed under `SECRET_KEY`; undefined where it is already.
 * @throws Error as `unseal` does
 */
export function reseal(sealed: string, owner: string, keys: Keys): string | undefined {
  try {
    open(sealed, owner, keys.SECRET_KEY)
    return undefined
  } catch {
    return seal(unseal(sealed, owner, keys), owner, keys)
  }
}

/**
 * A fingerprint of a text under `SECRET_KEY`, in hex: who has it, but not the key, cannot try out what the text may be. With
 * another `SECRET_KEY` it is another one.
 */
export function fingerprint(text: string, { SECRET_KEY }: Pick<Keys, 'SECRET_KEY'>): string {
  return createHmac('sha256', keyFrom(SECRET_KEY, 'fastvue fingerprint v1')).update(text).digest('hex')
}

function open(sealed: string, owner: string, secret: string): string {
  const [version, nonce = '', rest = ''] = sealed.split('.')
  if (version !== 'v1') throw new Error('Not sealed by this version of FastVue')
  const bytes = Buffer.from(rest, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(secret), Buffer.from(nonce, 'base64url'), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
}

const TAG_BYTES = 16
const keyFrom = (secret: string, purpose = 'fastvue sealing v1') =>
  new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32))
