import { setImmediate } from 'node:timers/promises'
import { test as base, describe, expect, vi } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { UnitOfWork } from '../../app/db/session.ts'
import { copyBaselineFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { Visitor } from '../support/visitor.ts'
import { WireClient, wire } from '../support/wire-client.ts'

// One shared folder for the file: each test leaves the table `notes` behind, and starts with it empty.
const test = base
  .extend('folder', { scope: 'file' }, ({}, { onCleanup }) => {
    const { path, remove } = temporaryFolder()
    onCleanup(remove)
    copyBaselineFolder(path)
    return path
  })
  .extend('shared', { scope: 'file' }, async ({ folder }, { onCleanup }) => {
    const engine = await openEmbedded(folder)
    onCleanup(() => engine.close())
    await script(engine, 'CREATE TABLE notes (text text); GRANT ALL ON notes TO fastvue_app')
    return engine
  })
  .extend('owner', async ({ shared }) => {
    await script(shared, 'TRUNCATE notes')
    return shared
  })
  .extend('client', async ({ folder, owner: _ }, { onCleanup }) => {
    const client = await WireClient.connect(folder)
    onCleanup(() => client.vanish())
    return client
  })
  .extend('visitor', async ({ folder, owner: _ }, { onCleanup }) => {
    const visitor = await Visitor.start('visit', folder)
    onCleanup(() => visitor.close())
    return visitor
  })

async function script(engine: Engine, sql: string): Promise<void> {
  const connection = await engine.connect()
  await connection.script(sql).finally(() => connection.release())
}

async function notes(engine: Engine): Promise<unknown[]> {
  const connection = await engine.connect()
  const { rows } = await connection
    .query({ text: 'SELECT text FROM notes ORDER BY text' })
    .finally(() => connection.release())
  return rows.map((row) => row['text'])
}

const inCompany = (engine: Engine, company_id: number) => new UnitOfWork(engine, { role: 'fastvue_app', company_id })
const NOTE = `INSERT INTO notes VALUES (current_user || ' in ' || current_setting('app.company_id'))`

describe('a command in another process', () => {
  test('reads and writes while the owner has the folder open', async ({ owner, visitor }) => {
    await visitor.do({ begin: 1, sql: NOTE, end: 'commit' })
    expect(visitor.label).toContain(`open in process ${process.pid}`)
    expect(await notes(owner)).toEqual(['fastvue_app in 1'])
  })

  test('waits for a transaction of the owner, and then writes in its own company', async ({ owner, visitor }) => {
    const unit = inCompany(owner, 1)
    await unit.query({ text: NOTE })
    visitor.tell({ begin: 2, sql: NOTE, end: 'commit' })
    for (let i = 0; i < 20; i++) await unit.query({ text: NOTE })
    await unit.rollback()
    await visitor.answer()
    expect(await notes(owner)).toEqual(['fastvue_app in 2'])
  })

  test('keeps the owner waiting for the whole of its own transaction', async ({ owner, visitor }) => {
    await visitor.do({ begin: 2, sql: NOTE })
    const unit = inCompany(owner, 1)
    const written = unit.query({ text: NOTE }).then(() => unit.commit())
    await visitor.do({ sql: NOTE })
    await visitor.do({ end: 'rollback' })
    await written
    expect(await notes(owner)).toEqual(['fastvue_app in 1'])
  })

  test('never mixes with the owner or another command, however they interleave', async ({ owner, folder, visitor }) => {
    const second = await Visitor.start('visit', folder)
    const rounds = Array.from({ length: 25 }, (_, index) => index)
    for (const _ of rounds) {
      visitor.tell({ begin: 2, sql: NOTE, end: 'commit' })
      second.tell({ begin: 3, sql: NOTE, end: 'rollback' })
    }
    for (const _ of rounds) {
      const unit = inCompany(owner, 1)
      await unit.query({ text: NOTE })
      await unit.commit()
      await visitor.answer()
      await second.answer()
    }
    await second.close()
    expect(await notes(owner)).toEqual([
      ...rounds.map(() => 'fastvue_app in 1'),
      ...rounds.map(() => 'fastvue_app in 2'),
    ])
  })

  test('that is killed in the middle of a transaction loses it, and the owner goes on', async ({ owner, visitor }) => {
    await visitor.do({ begin: 2, sql: NOTE })
    await visitor.kill()
    expect(await notes(owner)).toEqual([])
  })

  test('makes the owner look again at what it may have missed', async ({ owner, visitor, onTestFinished }) => {
    const missed = Promise.withResolvers<void>()
    const listener = await owner.listen('fastvue_test', () => {}, missed.resolve)
    onTestFinished(() => listener.close())
    expect(listener.isCurrent()).toBe(true)
    await visitor.do({ begin: 1, sql: `SELECT pg_notify('fastvue_test', 'unheard')`, end: 'commit' })
    await missed.promise
  })

  test('is told in an error of its own when a statement fails, and works on', async ({ owner, visitor }) => {
    await expect(visitor.do({ begin: 1, sql: 'SELECT broken' })).rejects.toThrow('column "broken" does not exist')
    await visitor.do({ end: 'rollback' })
    await visitor.do({ begin: 1, sql: NOTE, end: 'commit' })
    expect(await notes(owner)).toEqual(['fastvue_app in 1'])
  })
})

describe('two clients of the extended protocol', () => {
  test('do not get between each other’s parse, bind and execute', async ({ owner, folder, client }) => {
    const other = await WireClient.connect(folder)
    client.send(wire.parse(`INSERT INTO notes VALUES ('first')`))
    await client.receives('1\0\0\0\x04')
    other.send(wire.parse(`INSERT INTO notes VALUES ('second')`), wire.bind, wire.execute, wire.sync)
    client.send(wire.bind, wire.execute, wire.sync)
    await client.receives('INSERT 0 1')
    await other.receives('INSERT 0 1')
    await other.vanish()
    expect(await notes(owner)).toEqual(['first', 'second'])
  })

  test('wait for a transaction that lies between two messages', async ({ owner, folder, client }) => {
    const other = await WireClient.connect(folder)
    client.send(wire.query('BEGIN'))
    await client.receives('BEGIN')
    other.send(wire.query(`INSERT INTO notes VALUES ('kept')`))
    client.send(wire.query(`INSERT INTO notes VALUES ('undone')`))
    await client.receives('INSERT 0 1')
    client.send(wire.query('ROLLBACK'))
    await other.receives('INSERT 0 1')
    await other.vanish()
    expect(await notes(owner)).toEqual(['kept'])
  })
})

describe('a client that vanishes', () => {
  test.for([
    ['in a transaction', [wire.query('BEGIN'), wire.query(`INSERT INTO notes VALUES ('x')`)], 'INSERT 0 1'],
    ['in a failed transaction', [wire.query('BEGIN'), wire.query('SELECT broken')], 'broken'],
    ['after parse', [wire.parse(`INSERT INTO notes VALUES ('x')`)], '1\0\0\0\x04'],
    ['before sync', [wire.parse(`INSERT INTO notes VALUES ('x')`), wire.bind, wire.execute], 'INSERT 0 1'],
    ['after an error, before sync', [wire.query('BEGIN'), wire.parse('SELECT broken')], 'broken'],
  ] as const)('%s leaves nothing behind, and nobody waiting', async ([, messages, sign], { owner, client }) => {
    client.send(...messages)
    await client.receives(sign)
    await client.vanish()
    expect(await notes(owner)).toEqual([])
  })

  test('while it waits for its turn does nothing when the turn comes', async ({ owner, client }) => {
    const unit = inCompany(owner, 1)
    await unit.query({ text: NOTE })
    client.send(wire.query('BEGIN'), wire.query(`INSERT INTO notes VALUES ('x')`))
    for (let turn = 0; turn < 20; turn++) await setImmediate() // the owner reads them meanwhile
    await client.vanish()
    await unit.commit()
    expect(await notes(owner)).toEqual(['fastvue_app in 1'])
  })

  test('without going away, in a transaction, is cut off after 10 seconds', async ({
    owner,
    client,
    onTestFinished,
  }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    client.send(wire.query('BEGIN'), wire.query(`INSERT INTO notes VALUES ('x')`))
    await client.receives('INSERT 0 1')
    const waiting = notes(owner)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await waiting).toEqual([])
  })

  test('in the middle of a message leaves nothing behind', async ({ owner, client }) => {
    client.send(wire.query(`INSERT INTO notes VALUES ('x')`).subarray(0, 12))
    await client.vanish()
    expect(await notes(owner)).toEqual([])
  })

  test('takes its session settings with it', async ({ owner, client }) => {
    client.send(wire.query(`SET ROLE fastvue_app`), wire.query(`SET search_path = nowhere`))
    await client.receives('SET')
    await client.receives('SET')
    await client.vanish()
    expect(await notes(owner)).toEqual([])
  })
})
