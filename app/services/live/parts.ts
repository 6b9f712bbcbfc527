import type { FastifyBaseLogger } from 'fastify'
import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { PrincipalStore } from '../principal-store.ts'

/** What live events work with. */
export interface LiveParts {
  engine: Engine
  settings: Settings
  principals: PrincipalStore
  logger: Pick<FastifyBaseLogger, 'info' | 'error'>
  timing: LiveTiming
}

/** Milliseconds. Tests have their own. */
export interface LiveTiming {
  /** Goes on evenly, whatever somebody sets the clock to. */
  now(): number
  /** From one heartbeat to the next. */
  heartbeat: number
  /** How long a client may say nothing at all. */
  stale: number
  /** From one look at all connections to the next. */
  sweep: number
  /** From one look at the activity log to the next. */
  activity: number
  /** How often a process says that it is there, and how long it is believed. */
  renew: number
  lease: number
}

export const TIMING: LiveTiming = {
  now: () => performance.timeOrigin + performance.now(),
  heartbeat: 30_000,
  stale: 60_000,
  sweep: 1000,
  activity: 1000,
  renew: 10_000,
  lease: 30_000,
}
