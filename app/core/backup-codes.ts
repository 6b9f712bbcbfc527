import { randomBytes } from 'node:crypto'
import { fingerprint } from './tokens.ts'

// Crockford's base32: no letter that looks like another or like a digit.
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 4
const GROUP = 4

/**
 * A code for who has lost the second factor, such as `7KQ2-MX0B-HD4T-9RZE`: 80 random bits, so that the fast hash that is
 * kept of it tells nobody anything.
 */
export function newBackupCode(): string {
  const group = () => Array.from(randomBytes(GROUP), (byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** What is kept of a code. Whose it is goes in, so that one list of hashes does not serve for all accounts. */
export const backupCodeHash = (code: string, user_id: number): string =>
  fingerprint(`backup code:${user_id}:${withoutForm(code)}`)

/** Case, dashes and spaces do not matter, nor which of two letters that look alike was typed. */
const withoutForm = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
