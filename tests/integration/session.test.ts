import { eq, sql } from 'drizzle-orm'
import { appErrorIn } from '../../app/core/errors.ts'
import type { Engine } from '../../app/db/engine.ts'
import type { Scope } from '../../app/db/scope.ts'
import { UnitOfWork, inUnitOfWork } from '../../app/db/session.ts'
import { runStatement } from '../../app/db/statement.ts'
import { products } from '../../app/models/index.ts'
import { ProductService } from '../../app/services/product.ts'
import { type TestCompany, test as base, describe, expect } from '../support/fixtures.ts'

const test = base
  .extend('scope', ({ testCompany }): Scope => ({ role: 'fastvue_app', company_id: testCompany.id }))
  .extend('unit', ({ engine, scope }, { onCleanup }) => {
    const unit = new UnitOfWork(engine, scope)
    onCleanup(() => unit.rollback())
    return unit
  })

const product = ({ id }: Pick<TestCompany, 'id'>, sku = 'LAMP') => ({
  company_id: id,
  name: 'Lamp',
  sku,
  price: '9.90',
})

/** All products of all companies, as trusted work sees them. */
function skus(engine: Engine): Promise<string[]> {
  return inUnitOfWork(engine, { role: 'fastvue_system', company_id: null }, async ({ db }) => {
    const rows = await db.select({ sku: products.sku }).from(products).orderBy(products.sku)
    return rows.map(({ sku }) => sku)
  })
}

describe('the scope of a unit of work', () => {
  test('is the role and the company it was opened with', async ({ unit, testCompany }) => {
    const { rows } = await unit.query({ text: `SELECT current_user, current_setting('app.company_id') AS company` })
    expect(rows).toEqual([{ current_user: 'fastvue_app', company: String(testCompany.id) }])
  })

  test('is gone from the connection afterwards', async ({ engine, scope }) => {
    await inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'SELECT 1' }))
    const connection = await engine.connect()
    const text = `SELECT current_user = session_user AS own, current_setting('app.company_id', true) AS company`
    const { rows } = await connection.query({ text }).finally(() => connection.release())
    expect(rows).toEqual([{ own: true, company: '' }])
  })

  test('shows the rows of its company and no others', async ({ engine, scope, testCompany, otherCompany }) => {
    await inUnitOfWork(engine, scope, ({ db }) => db.insert(products).values(product(testCompany)))
    const seen = (company_id: number | null) =>
      inUnitOfWork(engine, { role: 'fastvue_app', company_id }, ({ db }) => db.$count(products))
    expect(await seen(testCompany.id)).toBe(1)
    expect(await seen(otherCompany.id)).toBe(0)
    expect(await seen(null)).toBe(0)
  })

  test.for([false, true])(
    'holds for all statements that are sent at once (read-only: %s)',
    async (readOnly, { engine, scope }) => {
      const roles = await inUnitOfWork(engine, { ...scope, readOnly }, (unit) =>
        Promise.all([1, 2, 3].map(() => unit.query({ text: 'SELECT current_user AS role' }))),
      )
      expect(roles.map(({ rows }) => rows[0]?.['role'])).toEqual(['fastvue_app', 'fastvue_app', 'fastvue_app'])
    },
  )

  test('must be an integer: text never reaches SQL', async ({ engine }) => {
    const company_id = `1'; DROP TABLE products; --` as unknown as number
    const unit = new UnitOfWork(engine, { role: 'fastvue_app', company_id })
    await expect(unit.query({ text: 'SELECT 1' })).rejects.toThrow('Not a company id')
    await unit.rollback()
  })

  test('needs no connection until the first statement', async ({ engine, scope }) => {
    const untouched = new UnitOfWork(engine, scope)
    await inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'SELECT 1' }))
    await untouched.commit()
  })
})

describe('the end of a unit of work', () => {
  test('saves everything with a commit', async ({ engine, unit, testCompany }) => {
    await unit.db.insert(products).values(product(testCompany))
    await unit.commit()
    expect(await skus(engine)).toEqual(['LAMP'])
  })

  test('saves nothing when the work throws', async ({ engine, scope, testCompany }) => {
    const work = inUnitOfWork(engine, scope, async ({ db }) => {
      await db.insert(products).values(product(testCompany))
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await skus(engine)).toEqual([])
  })

  test('saves nothing, and says so, when a statement failed unheard', async ({ engine, unit, testCompany }) => {
    await unit.db.insert(products).values(product(testCompany))
    await unit.db.execute(sql`SELECT broken`).catch(() => {})
    await expect(unit.commit()).rejects.toThrow('nothing was saved')
    expect(await skus(engine)).toEqual([])
  })

  test('leaves no usable handle', async ({ unit }) => {
    const { db } = unit
    await db.execute(sql`SELECT 1`)
    await unit.commit()
    await expect(db.execute(sql`SELECT 1`)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('This unit of work is over') },
    })
  })

  test('may come twice', async ({ engine, unit, testCompany }) => {
    await unit.db.insert(products).values(product(testCompany))
    await unit.commit()
    await unit.rollback()
    expect(await skus(engine)).toEqual(['LAMP'])
  })

  test('refuses writes of a read-only unit and lets it read', async ({ engine, scope, testCompany }) => {
    const reader = new UnitOfWork(engine, { ...scope, readOnly: true })
    expect(await reader.db.$count(products)).toBe(0)
    await expect(reader.db.insert(products).values(product(testCompany))).rejects.toMatchObject({
      cause: { code: '25006' },
    })
    await reader.rollback()
  })
})

describe('a unit of one statement', () => {
  const WHO = `SELECT current_user AS role, current_setting('app.company_id') AS company, current_setting('app.actor') AS actor`

  test('has the scope of any other, and leaves nothing of it on the connection', async ({ engine, scope }) => {
    const actor = { user_id: 7, session_id: null, ip_address: null, user_agent: null, request_id: null }
    const { rows } = await inUnitOfWork(engine, { ...scope, actor }, (unit) =>
      unit.alone(() => unit.query({ text: WHO })),
    )
    const company = String(scope.company_id)
    expect(rows).toEqual([{ role: 'fastvue_app', company, actor: JSON.stringify(actor) }])
    const connection = await engine.connect()
    const text = `SELECT current_user = session_user AS own, current_setting('app.company_id', true) AS company`
    const after = await connection.query({ text }).finally(() => connection.release())
    expect(after.rows).toEqual([{ own: true, company: '' }])
  })

  test('is saved, and what waits for the commit runs after it', async ({ engine, scope, unit, testCompany }) => {
    await unit.alone(() => unit.db.insert(products).values(product(testCompany)))
    let seen: string[] = []
    unit.afterCommit(async () => void (seen = await skus(engine)))
    await unit.commit()
    expect(seen).toEqual(['LAMP'])
    await expect(
      inUnitOfWork(engine, scope, (taken) => taken.alone(() => taken.db.insert(products).values(product(testCompany)))),
    ).rejects.toMatchObject({ cause: { code: 'duplicate' } })
    expect(await skus(engine)).toEqual(['LAMP'])
  })

  test('refuses another statement', async ({ unit }) => {
    await unit.alone(() => unit.query({ text: 'SELECT 1' }))
    await expect(unit.query({ text: 'SELECT 1' })).rejects.toThrow('was to have one statement')
  })

  test('is more where a service makes more of `create`, and undone as a whole', async ({
    engine,
    testUser,
    workAs,
  }) => {
    class Pairs extends ProductService {
      override async create(values: Parameters<ProductService['create']>[0]) {
        await super.create(values)
        return super.create({ ...values, price: 'no price' })
      }
    }
    const pair = { name: 'Lamp', sku: 'LAMP', price: '9.90' }
    await expect(workAs(testUser, (ctx) => new Pairs(ctx).createAlone(pair))).rejects.toMatchObject({ status: 400 })
    expect(await skus(engine)).toEqual([])
  })

  test('is the last part of one that has begun, and undone with it', async ({ engine, unit, testCompany }) => {
    await unit.query({ text: 'SELECT 1' })
    await unit.alone(() => unit.db.insert(products).values(product(testCompany)))
    await unit.rollback()
    expect(await skus(engine)).toEqual([])
  })
})

describe('a trusted step', () => {
  const rolesOf = async (unit: UnitOfWork) => {
    const role = async () => (await unit.query({ text: 'SELECT current_user AS role' })).rows[0]?.['role']
    return [await unit.trusted(role), await role(), await unit.trusted(role), await role()]
  }
  const turns = ['fastvue_system', 'fastvue_app', 'fastvue_system', 'fastvue_app']

  test.for([false, true])(
    'ends where it ends, also at the start (read-only: %s)',
    async (readOnly, { engine, scope }) => {
      expect(await inUnitOfWork(engine, { ...scope, readOnly }, rolesOf)).toEqual(turns)
    },
  )

  test.for([false, true])('ends when its work throws (read-only: %s)', async (readOnly, { engine, scope }) => {
    const [role] = await inUnitOfWork(engine, { ...scope, readOnly }, async (unit) => {
      const step = unit.trusted(() => Promise.reject(new Error('no')))
      await expect(step).rejects.toThrow('no')
      return rolesOf(unit)
    })
    expect(role).toBe('fastvue_system')
  })

  test('is undone with the rest, and saved with it', async ({ engine, scope, testCompany }) => {
    const work = (outcome: () => void) =>
      inUnitOfWork(engine, scope, async (unit) => {
        await unit.trusted((db) => db.insert(products).values(product(testCompany)))
        outcome()
      })
    const failing = work(() => {
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await skus(engine)).toEqual([])
    await work(() => {})
    expect(await skus(engine)).toEqual(['LAMP'])
  })
})

describe('savepoints', () => {
  test('undo what is inside and keep what is around', async ({ engine, unit, testCompany }) => {
    const { db } = unit
    await db.insert(products).values(product(testCompany))
    const duplicate = db.transaction(async (inner) => {
      await inner.insert(products).values(product(testCompany, 'CHAIR'))
      await inner.insert(products).values(product(testCompany, 'LAMP'))
    })
    await expect(duplicate).rejects.toThrow()
    await db.insert(products).values(product(testCompany, 'TABLE'))
    await unit.commit()
    expect(await skus(engine)).toEqual(['LAMP', 'TABLE'])
  })

  test('do not heal a failure outside of them', async ({ engine, unit, testCompany }) => {
    await unit.db.insert(products).values(product(testCompany))
    await unit.db.execute(sql`SELECT broken`).catch(() => {})
    await unit.db.transaction(async () => {}).catch(() => {})
    await expect(unit.commit()).rejects.toThrow('nothing was saved')
    expect(await skus(engine)).toEqual([])
  })
})

describe('after-commit work', () => {
  test('runs in order once the data is there', async ({ engine, unit, testCompany }) => {
    const seen: unknown[] = []
    unit.afterCommit(async () => seen.push(await skus(engine)))
    unit.afterCommit(() => seen.push('second'))
    await unit.db.insert(products).values(product(testCompany))
    expect(seen).toEqual([])
    await unit.commit()
    expect(seen).toEqual([['LAMP'], 'second'])
  })

  test.for([
    ['a rollback', (unit: UnitOfWork) => unit.rollback()],
    ['a commit that fails', (unit: UnitOfWork) => unit.db.execute(sql`SELECT broken`).catch(() => unit.commit())],
  ] as const)('never runs after %s', async ([, end], { unit }) => {
    let ran = false
    unit.afterCommit(() => (ran = true))
    await unit.query({ text: 'SELECT 1' })
    await end(unit).catch(() => {})
    expect(ran).toBe(false)
  })
})

describe('several statements at once', () => {
  test('of one unit run in its transaction, from the first one on', async ({ engine, unit, testCompany }) => {
    await Promise.all(['A', 'B', 'C'].map((sku) => unit.db.insert(products).values(product(testCompany, sku))))
    const { rows } = await unit.query({ text: 'SELECT count(DISTINCT xmin::text) AS transactions FROM products' })
    expect(rows).toEqual([{ transactions: 1 }])
    await unit.commit()
    expect(await skus(engine)).toEqual(['A', 'B', 'C'])
  })

  test('of one unit fail together', async ({ engine, unit, testCompany }) => {
    const results = await Promise.allSettled([
      unit.db.insert(products).values(product(testCompany)),
      unit.db.execute(sql`SELECT broken`),
      unit.db.insert(products).values(product(testCompany, 'CHAIR')),
    ])
    expect(results.map(({ status }) => status)).toContain('rejected')
    await expect(unit.commit()).rejects.toThrow('nothing was saved')
    expect(await skus(engine)).toEqual([])
  })

  test('of many units never mix', async ({ engine, testCompany, otherCompany }) => {
    const companies = Array.from({ length: 30 }, (_, index) => (index % 2 ? testCompany : otherCompany))
    const seen = await Promise.all(
      companies.map(({ id }, index) =>
        inUnitOfWork(engine, { role: 'fastvue_app', company_id: id }, async ({ db }) => {
          await db.insert(products).values(product({ id }, `SKU-${index}`))
          const rows = await db.select({ company_id: products.company_id }).from(products)
          return rows.every(({ company_id }) => company_id === id)
        }),
      ),
    )
    expect(seen).not.toContain(false)
    expect(await skus(engine)).toHaveLength(30)
  })
})

describe('connections', () => {
  const ways: [string, (engine: Engine, scope: Scope) => Promise<unknown>][] = [
    ['a commit', (engine, scope) => inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'SELECT 1' }))],
    ['a failed statement', (engine, scope) => inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'broken' }))],
    [
      'a failed commit',
      (engine, scope) => inUnitOfWork(engine, scope, ({ db }) => db.execute(sql`broken`).catch(() => {})),
    ],
    [
      'a bad company',
      (engine, scope) =>
        inUnitOfWork(engine, { ...scope, company_id: 0.5 }, (unit) => unit.query({ text: 'SELECT 1' })),
    ],
    [
      'a missing role',
      (engine, scope) =>
        inUnitOfWork(engine, { ...scope, role: 'nobody' as 'fastvue_app' }, (unit) => unit.query({ text: 'SELECT 1' })),
    ],
    [
      'a value that cannot be sent',
      (engine, scope) => inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'SELECT $1::jsonb' }, [circular()])),
    ],
    [
      'one statement',
      (engine, scope) => inUnitOfWork(engine, scope, (unit) => unit.alone(() => unit.query({ text: 'SELECT 1' }))),
    ],
    [
      'one broken statement',
      (engine, scope) => inUnitOfWork(engine, scope, (unit) => unit.alone(() => unit.query({ text: 'broken' }))),
    ],
    [
      'a reader',
      (engine, scope) => inUnitOfWork(engine, { ...scope, readOnly: true }, (unit) => unit.query({ text: 'SELECT 1' })),
    ],
  ]
  test.for(ways)('come back after %s', async ([, use], { engine, scope }) => {
    // More often than any pool of the tests has connections: a lost one would make the next round wait for ever.
    for (let round = 0; round < 25; round++) await use(engine, scope).catch(() => {})
    const { rows } = await inUnitOfWork(engine, scope, (unit) => unit.query({ text: 'SELECT 1 AS one' }))
    expect(rows).toEqual([{ one: 1 }])
  })
})

function circular(): object {
  const value: Record<string, unknown> = {}
  return Object.assign(value, { self: value })
}

describe('what PostgreSQL refuses', () => {
  const refused: [what: string, change: object, expected: object][] = [
    ['the same SKU twice', {}, { code: 'duplicate', message: 'Product with this SKU already exists' }],
    ['a text that is too long', { sku: 'x'.repeat(51) }, { code: 'bad_request' }],
    ['a number that is too large', { sku: 'BIG', price: '1e12' }, { code: 'bad_request' }],
    ['a NUL character', { sku: 'NUL\0' }, { code: 'bad_request' }],
    ['a row of another company', { sku: 'B', company_id: 2 }, { code: 'company_forbidden', status: 403 }],
    [
      'a reference to nothing',
      { sku: 'C', created_by: 999_999 },
      { code: 'invalid_reference', message: 'created_by refers to something that does not exist' },
    ],
    [
      'nothing where something must be',
      { sku: 'D', name: null },
      { code: 'bad_request', message: 'name must not be empty' },
    ],
  ]
  test.for(refused)('is told to the caller: %s', async ([, change, expected], { unit, testCompany }) => {
    await unit.db.insert(products).values(product(testCompany))
    const error = await unit.db
      .insert(products)
      .values({ ...product(testCompany), ...change })
      .catch(appErrorIn)
    expect(error).toMatchObject(expected)
  })

  test('is told by raw statements too', async ({ unit }) => {
    const error = await unit
      .query({ text: `INSERT INTO products (company_id, name, sku, price) VALUES (2, 'x', 'x', 1)` })
      .catch(appErrorIn)
    expect(error).toMatchObject({ code: 'company_forbidden' })
  })

  test('lets the same SKU in again after a delete', async ({ unit, testCompany }) => {
    await unit.db.insert(products).values({ ...product(testCompany), is_deleted: true })
    await unit.db.insert(products).values(product(testCompany))
    expect(await unit.db.$count(products)).toBe(2)
  })
})

describe('values', () => {
  const kinds: [expression: string, value: unknown][] = [
    [`timestamptz '2026-03-01 12:30:00.5+02'`, '2026-03-01T10:30:00.500Z'],
    [`timestamptz '2026-03-01 10:30:00Z'`, '2026-03-01T10:30:00.000Z'],
    [`timestamptz '2026-03-01 10:30:00.123456Z'`, '2026-03-01T10:30:00.123Z'],
    [`timestamptz 'infinity'`, 'infinity'],
    [`NULL::timestamptz`, null],
    [`timestamp '2026-03-01 10:30:00'`, '2026-03-01 10:30:00'],
    [`date '2026-03-01'`, '2026-03-01'],
    [`9007199254740991::bigint`, 9_007_199_254_740_991],
    [`12.50::numeric`, '12.50'],
    [`1.5::float8`, 1.5],
    [`true`, true],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    [`'[1]'::json`, [1]],
    [`interval '1 day 02:00'`, '1 day 02:00:00'],
    [`ARRAY[1, 2]::bigint[]`, [1, 2]],
    [`ARRAY['a', NULL]::text[]`, ['a', null]],
    [`ARRAY[1.50]::numeric[]`, ['1.50']],
    [`ARRAY[timestamptz '2026-03-01Z']`, ['2026-03-01T00:00:00.000Z']],
    [`ARRAY[date '2026-03-01']`, ['2026-03-01']],
    [`'1b4e28ba-2fa1-11d2-883f-0016d3cca427'::uuid`, '1b4e28ba-2fa1-11d2-883f-0016d3cca427'],
  ]
  test.for(kinds)('%s arrives alike on both engines, raw or through Drizzle', async ([expression, value], { unit }) => {
    const text = `SELECT ${expression} AS value`
    expect((await unit.query({ text })).rows).toEqual([{ value }])
    expect((await unit.query({ text, rowMode: 'array' })).rows).toEqual([[value]])
    expect(await unit.db.execute(sql.raw(text))).toMatchObject({ rows: [{ value }] })
  })

  test('of a model arrive as the API shows them', async ({ unit, testCompany }) => {
    const [row] = await unit.db.insert(products).values(product(testCompany)).returning()
    expect(row).toMatchObject({ id: expect.any(Number), price: '9.90', metadata: {}, version: 1, deleted_at: null })
    expect(row?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('count what a statement did', async ({ unit, testCompany }) => {
    const counts = []
    for (const statement of [
      unit.db.insert(products).values([product(testCompany, 'A'), product(testCompany, 'B')]),
      unit.db.update(products).set({ name: 'Lantern' }).returning({ id: products.id }),
      unit.db.select({ id: products.id }).from(products),
      unit.db.delete(products).where(eq(products.sku, 'A')),
      unit.db.delete(products).where(eq(products.sku, 'A')),
    ])
      counts.push((await unit.query({ text: statement.toSQL().sql }, statement.toSQL().params)).rowCount)
    expect(counts).toEqual([2, 2, 2, 1, 0])
  })
})

describe('runStatement', () => {
  test('builds a statement once and runs it with other values', async ({ unit, testCompany }) => {
    await unit.db.insert(products).values([product(testCompany, 'A'), product(testCompany, 'B')])
    let built = 0
    const find = async (sku: string) => {
      const { rows } = await runStatement<{ sku: string }>(
        unit.db,
        'session.test find',
        () => {
          built++
          return unit.db
            .select()
            .from(products)
            .where(eq(products.sku, sql.placeholder('sku')))
        },
        { sku },
      )
      return rows.map((row) => row.sku)
    }
    expect(await find('A')).toEqual(['A'])
    expect(await find('B')).toEqual(['B'])
    expect(await find(`A' OR true --`)).toEqual([])
    expect(built).toBeLessThanOrEqual(1)
  })

  test('keeps what is in use, however many others somebody makes up', async ({ unit }) => {
    const built: string[] = []
    const run = (key: string) =>
      runStatement(
        unit.db,
        key,
        () => {
          built.push(key)
          return { toSQL: () => ({ sql: 'select 1', params: [] }) }
        },
        {},
      )
    await run('session.test hot')
    for (let n = 0; n < 1200; n++) {
      await run(`session.test once ${n}`)
      if (n % 100 === 0) await run('session.test hot')
    }
    await run('session.test new')
    await run('session.test new')
    expect(built.filter((key) => key === 'session.test hot')).toHaveLength(1)
    expect(built.filter((key) => key === 'session.test new')).toHaveLength(1)
    await run('session.test once 0')
    expect(built.filter((key) => key === 'session.test once 0')).toHaveLength(2)
  })
})
