import { describe, expect, test as base, vi } from 'vitest'
import { appErrorIn } from '../../app/core/errors.ts'
import { MOST_SHARING } from '../../app/db/shared-loans.ts'
import { openServer } from '../../app/db/server.ts'
import { inUnitOfWork } from '../../app/db/session.ts'
import { SERVER_URL, maintain } from '../support/server-databases.ts'

// No schema is needed here: all of this works in the database that TEST_DATABASE_URL names, and leaves nothing there.
const test = base
  .extend('engine', ({}, { onCleanup }) => {
    const engine = openServer({ url: SERVER_URL ?? 'postgres://nowhere', poolSize: 10 })
    onCleanup(() => engine.close())
    return engine
  })
  .extend('read', ({ engine }) => (text: string, { company_id = 1, brief = true } = {}) => {
    const scope = { role: 'fastvue_app', company_id, readOnly: true } as const
    return inUnitOfWork(engine, scope, async (unit) => {
      const work = () => unit.query({ text })
      const { rows } = await (brief ? unit.brief(work) : work())
      return rows[0]
    })
  })

const PLACE = `SELECT pg_backend_pid() AS pid, current_user AS role, current_setting('app.company_id') AS company`
const SLOW = 'SELECT pg_sleep(60)'
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

describe.skipIf(!SERVER_URL)('brief reads of one turn of the event loop', () => {
  test('share a connection, a number of them at most, each in its own company', async ({ read }) => {
    const companies = numbers(2 * MOST_SHARING + 1)
    const places = await Promise.all(companies.map((company_id) => read(PLACE, { company_id })))
    expect(places.map((place) => place?.['company'])).toEqual(companies.map(String))
    expect(new Set(places.map((place) => place?.['role']))).toEqual(new Set(['fastvue_app']))
    const pids = places.map((place) => place?.['pid'])
    for (const group of [0, 1, 2].map((n) => pids.slice(n * MOST_SHARING, (n + 1) * MOST_SHARING)))
      expect(new Set(group).size).toBe(1)
    expect(new Set(pids).size).toBe(3)
  })

  test('leave to themselves all that may take long', async ({ read }) => {
    const places = await Promise.all(numbers(8).map((n) => read(PLACE, { brief: n % 2 === 0 })))
    expect(new Set(places.map((place) => place?.['pid'])).size).toBe(1 + 4)
  })

  test('fail alone', async ({ read }) => {
    const all = [PLACE, 'SELECT 1 / 0', PLACE, 'CREATE TABLE fastvue_never (n int)', PLACE]
    const done = await Promise.allSettled(all.map((text, n) => read(text, { company_id: n + 1 })))
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
    const [first, , second, , third] = done.map((one) => ('value' in one ? one.value : undefined))
    expect([first, second, third].map((place) => place?.['company'])).toEqual(['1', '3', '5'])
  })

  test('do not wait out one after the other what one did not outlast', async ({ read }) => {
    const mark = `/* ${crypto.randomUUID()} */`
    const done = Promise.allSettled([read(`${SLOW} ${mark}`), read(SLOW)])
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%${mark}' AND pid <> pg_backend_pid()`
    await vi.waitUntil(async () => (await maintain(cancel)).length > 0, 60_000)
    const [cut, behind] = (await done).map((one) => ('reason' in one ? appErrorIn(one.reason) : undefined))
    expect(cut).toMatchObject({ code: 'overloaded', status: 503 })
    expect(behind).toMatchObject({ code: 'database_unavailable', status: 503 })
    expect(await read(PLACE)).toMatchObject({ company: '1' })
  })

  test('give the connection back', async ({ engine, read }) => {
    for (const round of numbers(30)) await Promise.all(numbers(round).map(() => read(PLACE)))
    expect(engine.load()).toMatchObject({ used: 0, waiting: 0 })
  })
})
