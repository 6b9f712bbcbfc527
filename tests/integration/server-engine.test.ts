import { describe, expect, test as base, vi } from 'vitest'
import { appErrorIn } from '../../app/core/errors.ts'
import type { Engine } from '../../app/db/engine.ts'
import { MOST_PREPARED } from '../../app/db/server-query.ts'
import { LONGEST_PREPARED, openServer } from '../../app/db/server.ts'
import { UnitOfWork, inUnitOfWork } from '../../app/db/session.ts'
import { Proxy } from '../support/proxy.ts'
import { SERVER_URL, maintain } from '../support/server-databases.ts'

const PG = new URL(SERVER_URL ?? 'postgres://nowhere')

// No schema is needed here, so all of this works in the database that TEST_DATABASE_URL names, and leaves nothing there.
const test = base
  .extend('proxy', async ({}, { onCleanup }) => {
    const proxy = new Proxy({ host: PG.hostname, port: Number(PG.port || 5432) })
    onCleanup(() => proxy.close())
    await proxy.open()
    return proxy
  })
  .extend('engine', ({ proxy }, { onCleanup }): Engine => {
    const url = new URL(PG)
    url.host = `127.0.0.1:${proxy.port}`
    const engine = openServer({ url: url.href, poolSize: 1 })
    onCleanup(() => engine.close())
    return engine
  })
  .extend('unit', ({ engine }, { onCleanup }) => {
    const unit = new UnitOfWork(engine, { role: 'fastvue_system', company_id: null })
    onCleanup(() => unit.rollback())
    return unit
  })

const work = (engine: Engine) =>
  inUnitOfWork(engine, { role: 'fastvue_system', company_id: null }, (unit) => unit.query({ text: 'SELECT 1 AS one' }))
const UNAVAILABLE = { code: 'database_unavailable', status: 503 }

describe.skipIf(!SERVER_URL)('a server', () => {
  test('that cannot be reached is told to the caller as such', async ({ engine, proxy }) => {
    await proxy.close()
    expect(await work(engine).catch(appErrorIn)).toMatchObject(UNAVAILABLE)
  })

  test('that goes away in the middle of a unit fails that one, and the next one works', async ({
    engine,
    proxy,
    unit,
  }) => {
    await unit.query({ text: 'SELECT 1' })
    await proxy.close()
    await proxy.open()
    expect(await unit.query({ text: 'SELECT 1' }).catch(appErrorIn)).toMatchObject(UNAVAILABLE)
    await unit.rollback()
    expect((await work(engine)).rows).toEqual([{ one: 1 }])
  })

  test('that goes away before a commit fails the commit', async ({ proxy, unit }) => {
    await unit.query({ text: 'SELECT 1' })
    await proxy.close()
    expect(await unit.commit().catch(appErrorIn)).toMatchObject(UNAVAILABLE)
  })

  test('that goes away between units is not noticed by the next one', async ({ engine, proxy }) => {
    await work(engine)
    await proxy.close()
    await proxy.open()
    await work(engine).catch(() => {}) // may still be given the connection that was cut
    expect((await work(engine)).rows).toEqual([{ one: 1 }])
  })

  test('that ends a session fails that unit alone', async ({ engine, unit }) => {
    const { rows } = await unit.query({ text: 'SELECT pg_backend_pid() AS pid' })
    await maintain(`SELECT pg_terminate_backend(${String(rows[0]?.['pid'])})`)
    expect(await unit.query({ text: 'SELECT 1' }).catch(appErrorIn)).toMatchObject(UNAVAILABLE)
    await unit.rollback()
    expect((await work(engine)).rows).toEqual([{ one: 1 }])
  })

  test('that goes away without a word fails what waits for its answer, and is reached anew', async ({
    proxy,
    onTestFinished,
  }) => {
    const url = new URL(PG)
    url.host = `127.0.0.1:${proxy.port}`
    const engine = openServer({ url: url.href, poolSize: 1, patience: 100 })
    onTestFinished(() => engine.close())
    const open = (long = false) => new UnitOfWork(engine, { role: 'fastvue_system', company_id: null, long })
    const lost = open()
    await lost.query({ text: 'SELECT 1' })
    expect(proxy.swallow('')).toBe(1)
    expect(await lost.query({ text: 'SELECT 1' }).catch(appErrorIn)).toMatchObject(UNAVAILABLE)
    await lost.rollback()
    expect((await work(engine)).rows).toEqual([{ one: 1 }])

    const uncommitted = open()
    await uncommitted.query({ text: 'SELECT 1' })
    proxy.swallow('')
    expect(await uncommitted.commit().catch(appErrorIn)).toMatchObject(UNAVAILABLE)
  })

  test('may take long for work that is long', async ({ proxy, onTestFinished }) => {
    const url = new URL(PG)
    url.host = `127.0.0.1:${proxy.port}`
    const engine = openServer({ url: url.href, poolSize: 1, patience: 50 })
    onTestFinished(() => engine.close())
    const sleep = (long: boolean) =>
      inUnitOfWork(engine, { role: 'fastvue_system', company_id: null, long }, (unit) =>
        unit.query({ text: 'SELECT pg_sleep(0.3)' }),
      )
    expect((await sleep(true)).rowCount).toBe(1)
    expect(await sleep(false).catch(appErrorIn)).toMatchObject(UNAVAILABLE)
  })

  test('has a bounded number of prepared statements on a connection, also of those that fail', async ({ engine }) => {
    const connection = await engine.connect()
    const all = MOST_PREPARED + 50
    for (let n = 0; n < all; n++) {
      const { rows } = await connection.query({ name: `test_${n}`, text: `select ${n} as n` })
      expect(rows).toEqual([{ n }])
      const fails = connection.query({ name: `test_fails_${n}`, text: 'select 1 / $1::int' }, [0])
      await expect(fails).rejects.toThrow('division by zero')
      await connection.query({ name: 'test_hot', text: 'select 1' })
    }
    const names = async () => {
      const { rows } = await connection.query({ text: 'select name from pg_prepared_statements' })
      return rows.map(({ name }) => String(name))
    }
    expect((await names()).length).toBeLessThanOrEqual(MOST_PREPARED)
    expect(await names()).toEqual(expect.arrayContaining(['test_hot', `test_${all - 1}`]))
    expect(await names()).not.toContain('test_0')
    // What was freed is prepared again; several on the wire at once, too.
    const again = [0, 1, all - 1, 0, 2].map((n) => connection.query({ name: `test_${n}`, text: `select ${n} as n` }))
    expect((await Promise.all(again)).map(({ rows }) => rows[0]?.['n'])).toEqual([0, 1, all - 1, 0, 2])
    connection.release()
  })

  test('keeps no statement that is long: of each it would take memory on every connection', async ({ engine }) => {
    const connection = await engine.connect()
    const prepared = async () => {
      const { rows } = await connection.query({ text: 'select name from pg_prepared_statements' })
      return rows.map(({ name }) => String(name))
    }
    const text = (length: number) => `select 1 as n${' '.repeat(length - 13)}`
    const before = [{ name: 'test_before', text: 'select 1', values: [] }]
    for (const [name, length] of [
      ['test_short', LONGEST_PREPARED],
      ['test_long', LONGEST_PREPARED + 1],
    ] as const)
      expect((await connection.query({ name, text: text(length) }, [], before)).rows).toEqual([{ n: 1 }])
    expect((await prepared()).toSorted()).toEqual(['test_before', 'test_short'])
    connection.release()
  })

  test('frees no statement that the same message prepares', async ({ engine }) => {
    const connection = await engine.connect()
    const ask = (n: number) => ({ name: `test_${n}`, text: `select ${n} as n` })
    for (let n = 0; n < MOST_PREPARED; n++) await connection.query(ask(n))
    for (let round = 0; round < 3; round++) {
      const before = [{ name: `test_before_${round}`, text: 'select 1', values: [] }]
      const { rows } = await connection.query(ask(round), [], before)
      expect(rows).toEqual([{ n: round }])
    }
    connection.release()
  })

  test('ends a statement that takes too long', async ({ unit }) => {
    await unit.query({ text: `SET LOCAL statement_timeout = '20ms'` })
    expect(await unit.query({ text: 'SELECT pg_sleep(60)' }).catch(appErrorIn)).toMatchObject({ code: 'overloaded' })
  })

  test('whose connections are all taken keeps nobody waiting for ever', async ({ engine, unit, onTestFinished }) => {
    await unit.query({ text: 'SELECT 1' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting = work(engine).catch(appErrorIn)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await waiting).toMatchObject({ code: 'overloaded', status: 503 })
  })

  test('is named without its password', () => {
    const { label } = openServer({ url: 'postgres://me:secret@example.com/shop', poolSize: 1 })
    expect(label).toBe('PostgreSQL shop at example.com:5432')
  })
})

describe.skipIf(!SERVER_URL)('listening', () => {
  /** A listener, and what it hears, one after the other. */
  async function listen(engine: Engine) {
    const heard: string[] = []
    const waiting: (() => void)[] = []
    const hear = (what: string) => {
      heard.push(what)
      for (const resolve of waiting.splice(0)) resolve()
    }
    const listener = await engine.listen('fastvue_test', hear, () => hear('(missed)'))
    const hears = async (count: number) => {
      while (heard.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
      return heard
    }
    return { listener, hears }
  }

  test('hears what is announced, and nothing after its end', async ({ engine }) => {
    const { listener, hears } = await listen(engine)
    expect(listener.isCurrent()).toBe(true)
    await maintain(`NOTIFY fastvue_test, 'one'`)
    expect(await hears(2)).toEqual(['(missed)', 'one'])
    await listener.close()
    await maintain(`NOTIFY fastvue_test, 'two'`)
    expect(await hears(2)).toEqual(['(missed)', 'one'])
  })

  test('is not trusted while cut off, and comes back by itself', async ({ engine, proxy, onTestFinished }) => {
    const { listener, hears } = await listen(engine)
    onTestFinished(() => listener.close())
    await proxy.close()
    await vi.waitUntil(() => !listener.isCurrent())
    await maintain(`NOTIFY fastvue_test, 'unheard'`)
    await proxy.open()
    expect(await hears(2)).toEqual(['(missed)', '(missed)'])
    await vi.waitUntil(() => listener.isCurrent())
    await maintain(`NOTIFY fastvue_test, 'heard'`)
    expect(await hears(3)).toEqual(['(missed)', '(missed)', 'heard'])
  })

  test('is not trusted 100 ms after its connection went silent, and opens another', async ({
    engine,
    proxy,
    onTestFinished,
  }) => {
    const { listener, hears } = await listen(engine)
    onTestFinished(() => listener.close())
    const silent = performance.now()
    expect(proxy.swallow('LISTEN')).toBe(1)
    let believed = silent
    await vi.waitUntil(() => {
      const asked = performance.now()
      if (listener.isCurrent()) believed = asked
      return asked - silent > 300
    })
    expect(believed - silent).toBeLessThanOrEqual(100)
    await maintain(`NOTIFY fastvue_test, 'unheard'`)
    expect(await hears(2)).toEqual(['(missed)', '(missed)'])
    await vi.waitUntil(() => listener.isCurrent())
    await maintain(`NOTIFY fastvue_test, 'heard'`)
    expect(await hears(3)).toEqual(['(missed)', '(missed)', 'heard'])
  })

  test('is one connection for all channels, each told apart, also after it was cut', async ({
    engine,
    proxy,
    onTestFinished,
  }) => {
    const { listener, hears } = await listen(engine)
    const others: string[] = []
    const other = await engine.listen(
      'fastvue_other',
      (text) => others.push(text),
      () => others.push('(missed)'),
    )
    onTestFinished(() => Promise.all([listener.close(), other.close()]).then(() => {}))
    expect(others).toEqual(['(missed)'])
    await maintain(`NOTIFY fastvue_other, 'one'`)
    await maintain(`NOTIFY fastvue_test, 'two'`)
    expect(await hears(2)).toEqual(['(missed)', 'two'])
    expect(proxy.swallow('LISTEN')).toBe(1)
    expect(await hears(3)).toEqual(['(missed)', 'two', '(missed)'])
    expect(others).toEqual(['(missed)', 'one', '(missed)'])
    await listener.close() // the other one goes on
    await vi.waitUntil(() => other.isCurrent())
    await maintain(`NOTIFY fastvue_other, 'three'`)
    await vi.waitUntil(() => others.at(-1) === 'three')
  })

  test('stays trusted while nothing is announced', async ({ engine, onTestFinished }) => {
    const { listener } = await listen(engine)
    onTestFinished(() => listener.close())
    const begun = performance.now()
    await vi.waitUntil(() => performance.now() - begun > 500)
    await vi.waitUntil(() => listener.isCurrent(), { interval: 1 })
  })

  test('ends, and is trusted no more, also when nobody hears its goodbye', async ({ engine, proxy }) => {
    const { listener } = await listen(engine)
    proxy.swallow('LISTEN')
    await listener.close()
    expect(listener.isCurrent()).toBe(false)
  })

  test('begins when the server is there, if it was not at first', async ({ engine, proxy, onTestFinished }) => {
    await proxy.close()
    const { listener, hears } = await listen(engine)
    onTestFinished(() => listener.close())
    expect(listener.isCurrent()).toBe(false)
    await proxy.open()
    expect(await hears(1)).toEqual(['(missed)'])
  })
})
