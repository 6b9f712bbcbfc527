import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { openEmbedded, openOrReachEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { FolderInUse, lockFolder } from '../../app/db/folder-lock.ts'
import { DatabaseUnavailable, openDatabase } from '../../app/db/open.ts'
import { inUnitOfWork } from '../../app/db/session.ts'
import { socketPath } from '../../app/db/socket.ts'
import { copyBaselineFolder, test } from '../support/temporary-folder.ts'
import { Visitor } from '../support/visitor.ts'
import { WireClient, wire } from '../support/wire-client.ts'

const addProduct = (sku: string) =>
  `INSERT INTO products (company_id, name, sku, price) VALUES (current_setting('app.company_id')::bigint, 'Lamp', '${sku}', 1)`

async function skus(engine: Engine): Promise<unknown[]> {
  const { rows } = await inUnitOfWork(engine, { role: 'fastvue_system', company_id: null }, (unit) =>
    unit.query({ text: 'SELECT sku FROM products ORDER BY id' }),
  )
  return rows.map((row) => row['sku'])
}

describe('the lock of a folder', () => {
  test('lets one in, and the next one after it', ({ folder }) => {
    const first = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(FolderInUse)
    first.release()
    lockFolder(folder).release()
  })

  test('names the process that has it', ({ folder }) => {
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(`${folder} is in use by process ${process.pid}`)
    lock.release()
  })

  test('is free again when a database could not be opened', async ({ folder }) => {
    copyBaselineFolder(folder)
    await expect(openEmbedded(folder, new Blob())).rejects.toThrow('already exists')
    lockFolder(folder).release()
  })
})

describe('a folder that another process has open', () => {
  test('is refused to a server in one clear line that names the process', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    onTestFinished(() => owner.close())
    const settings = { DATABASE: { kind: 'embedded', path: folder }, DB_POOL_SIZE: 1 } as const
    const refused = await openDatabase(settings, true).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DatabaseUnavailable)
    expect(String(refused)).toBe(
      `Error: The embedded database ${folder} is in use by process ${owner.pid}; stop that process, or use DATABASE_URL=postgres://… for several`,
    )
  })

  test('is waited for by a server, when it is let go in a moment', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    onTestFinished(() => owner.close())
    const opened = openDatabase({ DATABASE: { kind: 'embedded', path: folder }, DB_POOL_SIZE: 1 }, true)
    await owner.close()
    const engine = await opened
    onTestFinished(() => engine.close())
    expect(await skus(engine)).toEqual([])
  })

  test('is waited for by commands that come while it is being opened or closed', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const visitors = await Promise.all([1, 2, 3].map(() => Visitor.start('visit', folder)))
    onTestFinished(async () => void (await Promise.all(visitors.map((visitor) => visitor.close()))))
    const owners = visitors.filter(({ label }) => !label.includes('open in process'))
    expect(owners).toHaveLength(1)
    const next = Visitor.start('visit', folder)
    await owners[0]?.close()
    visitors.push(await next)
    expect(await visitors.at(-1)?.do({ begin: 1, sql: addProduct('LAMP'), end: 'commit' })).toEqual([])
  })

  test('keeps every committed row when that process is killed while it writes', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    onTestFinished(() => owner.close())
    const committed = Array.from({ length: 20 }, (_, index) => `KEPT-${index}`)
    for (const sku of committed) await owner.do({ begin: 1, sql: addProduct(sku), end: 'commit' })
    await owner.do({ begin: 1, sql: addProduct('LOST') })
    owner.tell({ sql: addProduct('LOST-TOO') })
    await owner.kill()
    const engine = await openEmbedded(folder)
    onTestFinished(() => engine.close())
    expect(await skus(engine)).toEqual(committed)
  })
})

describe('the socket of a folder', () => {
  test('works in a folder whose path is too long for one, and leaves nothing behind', async ({ folder }) => {
    const deep = join(folder, 'a'.repeat(120))
    copyBaselineFolder(deep)
    expect(socketPath(deep).file.length).toBeLessThan(104)
    const engine = await openEmbedded(deep)
    const reached = await openOrReachEmbedded(deep)
    expect(reached.label).toBe(`embedded in ${deep}, open in process ${process.pid}`)
    expect(await skus(reached)).toEqual([])
    await reached.close()
    await engine.close()
    expect(existsSync(socketPath(deep).directory)).toBe(false)
  })

  test('replaces the one that a killed process has left behind', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const owner = await Visitor.start('own', folder)
    await owner.kill()
    expect(existsSync(socketPath(folder).file)).toBe(true)
    const engine = await openEmbedded(folder)
    const reached = await openOrReachEmbedded(folder)
    onTestFinished(async () => {
      await reached.close()
      await engine.close()
    })
    expect(await skus(reached)).toEqual([])
  })

  test('ends with the owner, whose clients lose what they had not committed', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    const engine = await openEmbedded(folder)
    const client = await WireClient.connect(folder)
    client.send(wire.query('BEGIN'), wire.query(addProduct('LOST').replace(/current_setting.*?bigint/, '1')))
    await client.receives('INSERT 0 1')
    await engine.close()
    const next = await openEmbedded(folder)
    onTestFinished(() => next.close())
    expect(await skus(next)).toEqual([])
  })

  test('is out of reach of other users of the machine', async ({ folder, onTestFinished }) => {
    copyBaselineFolder(folder)
    chmodSync(folder, 0o755)
    const engine = await openEmbedded(folder)
    onTestFinished(() => engine.close())
    expect(statSync(socketPath(folder).directory).mode & 0o077).toBe(0)
  })
})
