import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { eq, sql } from 'drizzle-orm'
import { SECRET_NAMES, SECRET_WORDS, isSecretName } from '../../app/core/secret-names.ts'
import { activityLogs, companies, users } from '../../app/models/index.ts'
import { inUnitOfWork } from '../../app/db/session.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { MIGRATIONS } from '../support/migrations.ts'

const LAMP = { name: 'Lamp', sku: 'LAMP', price: '9.90' }

const test = base.extend('log', ({ trusted }) => () => {
  return trusted(({ db }) => db.select().from(activityLogs).orderBy(activityLogs.id))
})

describe('a change of a model with the activity mixin', () => {
  test('is recorded with who, where and what, in the same transaction', async ({ as, log, testUser, testCompany }) => {
    const caller = as(testUser)
    const made = await caller.post('/products', LAMP, { 'user-agent': 'Tester/1', 'x-request-id': 'request-1' })
    const { id, version } = made.json()
    await caller.patch(`/products/${id}`, { price: '12.50', version })
    await caller.delete(`/products/${id}`)
    const [create, update, gone] = await log()
    expect(create).toMatchObject({
      action: 'create',
      category: 'data_management',
      level: 'info',
      company_id: testCompany.id,
      user_id: testUser.id,
      entity_type: 'products',
      entity_id: id,
      entity_name: 'Lamp',
      old_values: null,
      new_values: { name: 'Lamp', sku: 'LAMP', price: '9.90' },
      ip_address: '127.0.0.1',
      user_agent: 'Tester/1',
      request_id: 'request-1',
      session_id: expect.any(String),
      success: true,
    })
    expect(update).toMatchObject({ action: 'update', old_values: { price: '9.90' }, new_values: { price: '12.50' } })
    expect(Object.keys(update?.new_values ?? {})).toEqual(['price'])
    expect(gone).toMatchObject({
      action: 'delete',
      old_values: { is_deleted: false },
      new_values: { is_deleted: true },
    })
  })

  test('tells amounts as the API does: as text, to the last digit', async ({ as, log, workAs, testUser }) => {
    const { id } = (await as(testUser).post('/products', { ...LAMP, price: '12345678.90' })).json()
    await as(testUser).patch(`/products/${id}`, { price: '5.00', metadata: { weight: 1.5 } })
    await workAs(testUser, ({ db }) => db.execute(sql`delete from products`))
    const [create, update, gone] = await log()
    expect(create).toMatchObject({ new_values: { price: '12345678.90', description: null } })
    expect(update).toMatchObject({
      old_values: { price: '12345678.90' },
      new_values: { price: '5.00', metadata: { weight: 1.5 } },
    })
    expect(gone).toMatchObject({ old_values: { price: '5.00' } })
  })

  test('that was recorded with amounts as numbers is told exactly, too, once migrated', async ({
    engine,
    trusted,
    log,
  }) => {
    const old = { price: 5, amount: 1.5, metadata: { price: 2 } }
    await trusted(({ db }) =>
      db.insert(activityLogs).values({ action: 'create', entity_type: 'products', entity_id: 1, new_values: old }),
    )
    const migration = readFileSync(join(MIGRATIONS, '0014_exact_activity/up.sql'), 'utf8')
    const [, rewrite] = migration.split('-- Entries from before.')
    const connection = await engine.connect()
    await connection.script(`BEGIN; --${rewrite}; COMMIT`).finally(() => connection.release())
    expect(await log()).toMatchObject([{ old_values: null, new_values: { ...old, price: '5' } }])
  })

  test('leaves nothing where the change failed, or changed nothing', async ({ as, log, testUser }) => {
    const caller = as(testUser)
    const { id } = (await caller.post('/products', LAMP)).json()
    expect((await caller.post('/products', LAMP)).statusCode).toBe(400)
    expect((await caller.patch(`/products/${id}`, { name: 'Lamp' })).statusCode).toBe(200)
    expect((await log()).map(({ action }) => action)).toEqual(['create'])
  })

  test('hides secrets at any depth', async ({ as, log, testUser }) => {
    const metadata = {
      plain: 1,
      new_password: 'a',
      deep: [{ 'X-Api-Key': 'b', access_token: { value: 'c' }, none: null }],
    }
    await as(testUser).post('/products', { ...LAMP, metadata })
    expect((await log())[0]?.new_values?.['metadata']).toEqual({
      plain: 1,
      new_password: '***',
      deep: [{ 'X-Api-Key': '***', access_token: '***', none: null }],
    })
  })

  const CHANGES = {
    'that a hand has added': 'ALTER TABLE products ADD COLUMN extra jsonb',
    'of a table whose trigger tells of none': `ALTER TABLE products ADD COLUMN extra jsonb;
      DROP TRIGGER activity_insert ON products;
      CREATE TRIGGER activity_insert AFTER INSERT ON products REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION record_activity()`,
  }
  test.for(Object.entries(CHANGES))('hides secrets in a column %s', async ([, change], { engine, testCompany }) => {
    const connection = await engine.connect()
    try {
      await connection.script(`BEGIN; ${change}`)
      const insert = `insert into products (company_id, name, sku, price, extra) values ($1, 'Lamp', 'LAMP', 9.90, $2)`
      await connection.query({ text: insert }, [testCompany.id, { token: 'hidden', plain: 1 }])
      const { rows } = await connection.query({ text: 'select new_values from activity_logs' })
      expect(rows).toMatchObject([{ new_values: { extra: { token: '***', plain: 1 }, price: '9.90', metadata: {} } }])
    } finally {
      await connection.end('ROLLBACK')
      connection.release()
    }
  })

  test('hides what the rest of the code takes for a secret, and no more', async ({ engine }) => {
    const names = [...SECRET_NAMES, ...SECRET_WORDS, 'card_pin', 'backup_codes', 'two-factor-code', 'X-Key-Hash']
    const harmless = ['name', 'shipping', 'author', 'opinion', 'primary_key', 'description', 'sku', 'code']
    const named = await inUnitOfWork(engine, { role: 'fastvue_app', company_id: null }, async ({ db }) => {
      const { rows } = await db.execute<{ name: string }>(
        sql`select name from jsonb_array_elements_text(${JSON.stringify([...names, ...harmless])}::jsonb) name where names_secret(name)`,
      )
      return rows.map(({ name }) => name)
    })
    expect(named).toEqual(names)
    expect(harmless.filter(isSecretName)).toEqual([])
  })

  test('is recorded however deep its JSON is', async ({ workAs, log, testUser, testCompany }) => {
    const nested = `${'{"a":'.repeat(3000)}{"token":"hidden"}${'}'.repeat(3000)}`
    await workAs(testUser, ({ db }) =>
      db.execute(sql`insert into products (company_id, name, sku, price, metadata)
        values (${testCompany.id}, 'Lamp', 'LAMP', 1, ${nested}::jsonb)`),
    )
    const [created] = await log()
    expect(created?.action).toBe('create')
    expect(JSON.stringify(created)).not.toContain('hidden')
  })

  test('no secret word survives in any JSON', async ({ engine }) => {
    const words = ['password', 'Secret', 'refresh_token', 'Authorization', 'set-cookie', 'apiKey', 'private_key']
    const json = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'text', null, true),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', ...words), fc.oneof(tie('any'), fc.constant('hidden')), { maxKeys: 4 }),
      ),
    })).any
    const masked = (value: unknown) =>
      inUnitOfWork(engine, { role: 'fastvue_app', company_id: null }, async ({ db }) => {
        const { rows } = await db.execute<{ masked: unknown }>(
          sql`select mask_secrets(${JSON.stringify(value)}::jsonb) as masked`,
        )
        return rows[0]?.masked
      })
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect(await masked(value)).toEqual(maskedAs(value))
      }),
      { numRuns: 50 },
    )
  })

  test('of 10,000 rows is one more statement, and one entry a row', async ({ workAs, log, testUser, testCompany }) => {
    await workAs(testUser, async ({ db }) => {
      await db.execute(sql`insert into products (company_id, name, sku, price)
        select ${testCompany.id}, 'Lamp ' || n, 'sku-' || n, 1 from generate_series(1, 10000) n`)
      await db.execute(sql`update products set price = price + 1`)
    })
    expect((await log()).length).toBe(20_000)
  })

  test('outlives its user, whom it names no more, and goes with its company', async ({
    as,
    log,
    outsider,
    testCompany,
    testUser,
    trusted,
  }) => {
    await as(testUser).post('/products', LAMP)
    await as(outsider).post('/products', LAMP)
    await trusted(({ db }) => db.delete(users).where(eq(users.id, testUser.id)))
    expect((await log()).map(({ user_id }) => user_id)).toEqual([null, outsider.id])
    await trusted(({ db }) => db.delete(companies).where(eq(companies.id, testCompany.id)))
    expect((await log()).map(({ user_id }) => user_id)).toEqual([outsider.id])
  })

  test('is told to its own company alone', async ({ as, workAs, testUser, outsider }) => {
    await as(testUser).post('/products', LAMP)
    expect(await workAs(outsider, ({ db }) => db.select().from(activityLogs))).toEqual([])
    expect(await workAs(testUser, ({ db }) => db.select().from(activityLogs))).toHaveLength(1)
  })
})

/** What `mask_secrets` promises, said in another way. */
function maskedAs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedAs)
  if (typeof value !== 'object' || value === null) return value
  const isSecret = (name: string) => !['a', 'b'].includes(name)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isSecret(name) && one !== null ? '***' : maskedAs(one)]),
  )
}
