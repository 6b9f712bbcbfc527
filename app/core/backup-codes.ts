import { randomBytes } from 'node:crypto'
import { fingerprint } from './tokens.ts'

// Crockford's base32: no letter that looks like another or like a digit.
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 10

/** A code for who has lost the second factor: 50 random bits, such as `7KQ2M-X0BHD`. */
export function newBackupCode(): string {
  const letters = Array.from(randomBytes(LENGTH), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
  return `${letters.slice(0, LENGTH / 2)}-${letters.slice(LENGTH / 2)}`
}

/** What is kept of a code. Whose it is goes in, so that one list of hashes does not serve for all accounts. */
export const backupCodeHash = (code: string, user_id: number): string =>
  fingerprint(`backup code:${user_id}:${withoutForm(code)}`)

/** Case, dashes and spaces do not matter, nor which of two letters that look alike was typed. */
const withoutForm = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
