import { randomBytes } from 'node:crypto'
import { fingerprint } from './tokens.ts'

// A prefix tells a key from a token at a glance, and lets secret scanners find one that was committed by mistake.
const PREFIX = 'fastvue_'
const KEY = new RegExp(`^${PREFIX}[\\w-]{43}$`)

/** A new API key: 256 random bits. It is kept as its hash alone: so random a secret needs no slow one. */
export const newApiKey = (): string => PREFIX + randomBytes(32).toString('base64url')

/** Whether it has the form of a key. What has not is refused without a question to the database. */
export const isApiKey = (token: string): boolean => KEY.test(token)

export const keyHash = (key: string): string => fingerprint(key)
