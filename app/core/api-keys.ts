import { randomBytes } from 'node:crypto'
import { fingerprint } from './tokens.ts'

// A prefix tells a key from a token at a glance, and lets secret scanners find one that was committed by mistake.
const PREFIX = 'fastvue_'

/** A new API key: 256 random bits. It is kept as its hash alone: so random a secret needs no slow one. */
export const newApiKey = (): string => PREFIX + randomBytes(32).toString('base64url')

export const isApiKey = (token: string): boolean => token.startsWith(PREFIX)

export const keyHash = (key: string): string => fingerprint(key)
