import { eq } from 'drizzle-orm'
import { vi } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { sessions, users } from '../../app/models/index.ts'
import { PrincipalStore } from '../../app/services/principal-store.ts'
import { type TestUser, describe, expect, test as base } from '../support/fixtures.ts'
import { SERVER_URL } from '../support/server-databases.ts'

/** The worker's database, whose answers can be held back, and whose announcements the test can make as well. */
class Watched {
  readonly #real: Engine
  #onNotice = (_payload: string) => {}
  #onMissed = () => {}
  heard: string[] = []
  loads = 0
  isTrusted = true
  /** Is done when an answer is there, before the store has it. */
  meanwhile: () => unknown = () => {}

  constructor(real: Engine) {
    this.#real = real
  }

  announce = (payload: string) => this.#onNotice(payload)
  miss = () => this.#onMissed()

  get engine(): Engine {
    return {
      ...this.#real,
      connect: async () => {
        this.loads++
        const connection = await this.#real.connect()
        const query: typeof connection.query = async (...given) => {
          const answer = await connection.query(...given)
          await this.meanwhile()
          return answer
        }
        return { ...connection, query }
      },
      listen: async (channel, onNotice, onMissed) => {
        this.#onNotice = (payload) => {
          this.heard.push(payload)
          onNotice(payload)
        }
        this.#onMissed = onMissed
        const listener = await this.#real.listen(channel, this.announce, this.miss)
        return { isCurrent: () => this.isTrusted, caughtUp: () => listener.caughtUp(), close: () => listener.close() }
      },
    }
  }
}

const test = base
  .extend('watched', ({ engine }) => new Watched(engine))
  .extend('store', async ({ watched, settings }, { onCleanup }) => {
    const store = new PrincipalStore(watched.engine, settings)
    onCleanup(() => store.close())
    await store.listen()
    return store
  })
  .extend('startSession', ({ trusted }) => async ({ id: user_id }: TestUser, seconds: number) => {
    const id = crypto.randomUUID()
    const expires_at = new Date(Date.now() + seconds * 1000).toISOString()
    await trusted(({ db }) => db.insert(sessions).values({ id, user_id, refresh_hash: '', expires_at }))
    return id
  })

describe('a principal', () => {
  test('is loaded once, and again after an announcement about its user', async ({
    store,
    watched,
    startSession,
    testUser,
    viewerUser,
  }) => {
    const session = await startSession(testUser, 60)
    const found = async () => (await store.ofSession(session))?.user.id
    expect([await found(), await found()]).toEqual([testUser.id, testUser.id])
    watched.announce(String(viewerUser.id))
    await found()
    expect(watched.loads).toBe(1)
    watched.announce(String(testUser.id))
    expect(await found()).toBe(testUser.id)
    expect(watched.loads).toBe(2)
  })

  type Event = (watched: Watched, user: TestUser) => void
  const EVENTS: Record<string, Event> = {
    'its user is announced': (watched, { id }) => watched.announce(String(id)),
    'everybody is announced': (watched) => watched.announce('*'),
    'the listener was cut off and is back': (watched) => watched.miss(),
  }
  test.for(Object.entries(EVENTS))(
    'is not kept when, while it was loaded, %s',
    async ([, event], { store, watched, startSession, testUser }) => {
      const session = await startSession(testUser, 60)
      watched.meanwhile = () => event(watched, testUser)
      await store.ofSession(session)
      watched.meanwhile = () => {}
      await store.ofSession(session)
      expect(watched.loads).toBe(2)
      await store.ofSession(session)
      expect(watched.loads).toBe(2)
    },
  )

  test('is neither kept nor believed while announcements may go unheard', async ({
    store,
    watched,
    startSession,
    testUser,
  }) => {
    const session = await startSession(testUser, 60)
    watched.isTrusted = false
    await store.ofSession(session)
    watched.isTrusted = true
    await store.ofSession(session)
    expect(watched.loads).toBe(2)
    watched.isTrusted = false
    expect((await store.ofSession(session))?.user.id).toBe(testUser.id)
    expect(watched.loads).toBe(3)
  })

  test('ends with its session, though it is kept', async ({ store, startSession, testUser }) => {
    const session = await startSession(testUser, 0.5)
    expect(await store.ofSession(session)).toBeDefined()
    await expect.poll(() => store.ofSession(session), { timeout: 2000 }).toBeUndefined()
  })

  // The embedded database has one connection: nothing is changed there while a principal is loaded.
  test.skipIf(!SERVER_URL)(
    'is not kept when its user is switched off after it was read',
    async ({ store, watched, startSession, testUser, trusted }) => {
      const session = await startSession(testUser, 60)
      watched.meanwhile = async () => {
        watched.meanwhile = () => {}
        await trusted(({ db }) => db.update(users).set({ is_active: false }).where(eq(users.id, testUser.id)))
        await vi.waitUntil(() => watched.heard.includes(String(testUser.id)))
      }
      await store.ofSession(session)
      expect(await store.ofSession(session)).toBeUndefined()
    },
  )
})
