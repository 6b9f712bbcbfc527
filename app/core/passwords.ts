import { hash, verify } from '@node-rs/argon2'
import { isCommonPassword } from './common-passwords.ts'

// argon2id (the library's default kind) at OWASP's first recommendation: 19 MiB, two passes, one lane; about 15 ms.
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const SHORTEST = 8
const LONGEST = 128

/** argon2id in PHC string format, made off the event loop. */
export function hashPassword(text: string): Promise<string> {
  return hash(normalised(text), COST)
}

/** Whether `text` is the password behind `hash`. A hash that is none (an account without a password) fits nothing. */
export function verifyPassword(passwordHash: string, text: string): Promise<boolean> {
  return verify(passwordHash, normalised(text)).catch(() => false)
}

let dummy: Promise<string> | undefined

/** Takes as long as `verifyPassword` and says no: for users who do not exist, so that time does not tell who does. */
export async function verifyDummy(text: string): Promise<false> {
  dummy ??= hashPassword(crypto.randomUUID())
  await verifyPassword(await dummy, text)
  return false
}

/** Whom a password is for: names that it must not be. */
export interface PasswordOwner {
  username: string
  email: string
}

/** What is wrong with a password, one sentence each; nothing when it will do. */
export function passwordFaults(given: string, { username, email }: PasswordOwner): string[] {
  const password = normalised(given) // the form that is hashed: what looks longer or rarer than it is does not pass
  const length = Array.from(password).length
  const plain = password.toLowerCase()
  const own = [username, email, email.slice(0, email.lastIndexOf('@'))].map((name) => normalised(name).toLowerCase())
  return [
    length < SHORTEST && `must have at least ${SHORTEST} characters`,
    length > LONGEST && `must have at most ${LONGEST} characters`,
    password.includes('\0') && 'must not have a NUL character',
    length >= SHORTEST && isCommonPassword(plain) && 'is one of the most common passwords',
    own.includes(plain) && "must not be the user's own name or e-mail",
  ].filter((fault) => fault !== false)
}

/** One form for the same letters from different keyboards (NIST SP 800-63B, 3.1.1.2). */
const normalised = (text: string) => text.normalize('NFKC')
