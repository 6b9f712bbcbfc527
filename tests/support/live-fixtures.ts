import type { LiveEvent } from '../../app/services/live/emit.ts'
import { emit } from '../../app/services/live/emit.ts'
import type { LiveTiming } from '../../app/services/live/parts.ts'
import { logIn } from './auth-headers.ts'
import type { TestUser } from './baseline.ts'
import { test as base } from './fixtures.ts'
import { type Dialled, type Listener, dial, listenOn } from './live.ts'
import { ownApp } from './own-app.ts'

/** Nothing happens by itself: tests call `sweep` and `poll`. */
const NEVER = 2 ** 31 - 1
const STILL = {
  heartbeat: 30_000,
  stale: 60_000,
  sweep: NEVER,
  activity: NEVER,
  renew: NEVER,
  lease: 30_000,
}

/** `test` with an app that listens, and people on WebSockets. */
export const test = base
  .extend('own', async ({ engine, settings }, { onCleanup }) => {
    let passed = 0
    const timing: LiveTiming = { ...STILL, now: () => Date.now() + passed }
    const own = await ownApp({ engine, settings, timing })
    onCleanup(() => own[Symbol.asyncDispose]())
    const { live } = own.app
    /** Lets time pass, and the app look at its connections. */
    const pass = (ms: number) => {
      passed += ms
      live.sweep()
    }
    return { ...own, live, pass, url: await listenOn(own.app) }
  })
  .extend(
    'tokenOf',
    ({ authHeaders }) =>
      (user: TestUser) =>
        authHeaders(user).authorization.slice('Bearer '.length),
  )
  // Of somebody who is no user of the baseline.
  .extend('tokensOf', ({ engine, settings }) => async (user: TestUser) => {
    return (await logIn(engine, settings, [user]))(user).authorization.slice('Bearer '.length)
  })
  .extend('connect', ({ own, tokenOf }, { onCleanup }) => {
    const open: Listener[] = []
    onCleanup(() => open.forEach(({ socket }) => socket.terminate()))
    return async (user: TestUser, more: Partial<Dialled> = {}) => {
      const listener = await dial({ url: own.url, token: tokenOf(user), ...more })
      open.push(listener)
      return listener
    }
  })
  .extend(
    'happen',
    ({ trusted }) =>
      (...happened: LiveEvent[]) =>
        trusted(({ db }) => emit(db, happened)),
  )
