import type { Credential } from '../principal-store.ts'
import type { Written } from './frame.ts'

/** Why the server ends a connection: WebSocket close codes (RFC 6455 §7.4), those above 4000 our own. */
export const CLOSE = {
  goingAway: 1001,
  unsupportedData: 1003,
  policyViolation: 1008,
  tooBig: 1009,
  tryAgainLater: 1013,
  accessEnded: 4401,
} as const
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]

/** Whose a connection is: settled when it is let in. */
export interface Identity {
  credential: Credential
  user_id: number
  /** The one company that it hears of. */
  company_id: number
  /** When the token ends, in milliseconds. */
  ends_at: number
  /** The last event that the client has seen, if it says so. */
  since?: number | undefined
}

/** What every kind of connection has of its identity. */
export abstract class Identified implements Identity {
  readonly credential: Credential
  readonly user_id: number
  readonly company_id: number
  readonly ends_at: number
  readonly since: number | undefined

  constructor({ credential, user_id, company_id, ends_at, since }: Identity) {
    this.credential = credential
    this.user_id = user_id
    this.company_id = company_id
    this.ends_at = ends_at
    this.since = since
  }
}

export type LiveKind = 'socket' | 'stream'

/** Somebody who is told what happens as it happens, whatever the connection. */
export interface LiveClient extends Identity {
  readonly kind: LiveKind
  /** Sends without waiting. Who does not read what they are sent is cut off. */
  send(written: Written): void
  /** Ends the connection, saying why. More than once does nothing. */
  close(code: CloseCode, reason: string): void
  /** Called every second or so: a place to send heartbeats, and to give up who does not answer. */
  tick(now: number): void
}

/** Whether a person is there, not a program with an API key. */
export const isPerson = ({ credential }: Identity): boolean => 'session_id' in credential
