import { createHmac } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { networkOf } from '../core/addresses.ts'

// The longest name of an account has 255 letters.
const LONGEST = 255

/** What requests are counted by. No key is longer than a few dozen letters, nor has anything in it that somebody wrote. */
export class RateLimitKeys {
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
  }

  /** The user when a guard knows them, also through an API key; else the address. */
  callerOf({ principal, ip }: FastifyRequest): string {
    return principal ? `user:${principal.user.id}` : `address:${networkOf(ip)}`
  }

  endpoint(path: string, caller: string, account = ''): string {
    return `${path}:${caller}${account && `:${account}`}`
  }

  /** Stands for the account that a field of a body names; spellings that log-in takes for the same are the same. */
  accountIn(body: unknown, field: string): string {
    const name: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, field) : undefined
    if (typeof name !== 'string') return ''
    const text = name.slice(0, LONGEST).trim().normalize('NFKC').toLowerCase()
    return createHmac('sha256', this.#secret).update(`rate limit ${text}`).digest('base64url').slice(0, 22)
  }
}
