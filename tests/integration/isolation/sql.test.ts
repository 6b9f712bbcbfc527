import { is, sql } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { inUnitOfWork } from '../../../app/db/session.ts'
import * as models from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { victimOf } from '../../support/victim.ts'

/** Rows of a statement without any filter. */
const raw = async <Row>({ db }: Pick<Context, 'db'>, statement: string): Promise<Row[]> =>
  ((await db.execute(sql.raw(statement))) as unknown as { rows: Row[] }).rows

const insertInto = (company_id: number) =>
  `insert into products (company_id, name, sku, price) values (${company_id}, 'n', 'sku-${company_id}', 1) returning company_id`

describe('raw SQL through ctx.db, without a filter', () => {
  test('reads, changes and deletes the rows of its company only', async ({
    workAs,
    trusted,
    testUser,
    outsider,
    testCompany,
  }) => {
    await victimOf({ workAs, trusted }, testUser)
    await workAs(outsider, async (ctx) => {
      expect(await raw(ctx, 'select * from products')).toEqual([])
      expect(await raw(ctx, `update products set name = 'taken' returning id`)).toEqual([])
      expect(await raw(ctx, 'delete from products returning id')).toEqual([])
    })
    await workAs(testUser, async (ctx) => {
      expect(await raw(ctx, 'select company_id from products')).toEqual([{ company_id: testCompany.id }])
      expect(await raw(ctx, `update products set name = 'mine' returning name`)).toEqual([{ name: 'mine' }])
    })
  })

  test('writes no row into another company, nor moves one there', async ({
    workAs,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    expect(await workAs(outsider, (ctx) => raw(ctx, insertInto(otherCompany.id)))).toEqual([
      { company_id: otherCompany.id },
    ])
    const refused = { code: 'company_forbidden' }
    const into = workAs(outsider, (ctx) => raw(ctx, insertInto(testCompany.id)))
    await expect(into).rejects.toMatchObject({ cause: refused })
    const move = workAs(outsider, (ctx) => raw(ctx, `update products set company_id = ${testCompany.id}`))
    await expect(move).rejects.toMatchObject({ cause: refused })
  })

  test('adds to its activity log, and can neither change nor delete what is there', async ({
    workAs,
    trusted,
    testUser,
    outsider,
    testCompany,
  }) => {
    const entry = (company_id: number) =>
      `insert into activity_logs (company_id, action) values (${company_id}, 'create') returning company_id`
    await workAs(testUser, async (ctx) => {
      expect(await raw(ctx, entry(testCompany.id))).toEqual([{ company_id: testCompany.id }])
    })
    const forbidden = { cause: { message: expect.stringContaining('permission denied') } }
    for (const change of [`update activity_logs set action = 'x'`, 'delete from activity_logs'])
      await expect(workAs(testUser, (ctx) => raw(ctx, change))).rejects.toMatchObject({ cause: forbidden })
    const refused = { code: 'company_forbidden' }
    await expect(workAs(outsider, (ctx) => raw(ctx, entry(testCompany.id)))).rejects.toMatchObject({ cause: refused })
    expect(await workAs(outsider, (ctx) => raw(ctx, 'select * from activity_logs'))).toEqual([])
    const rows = await trusted((ctx) => raw(ctx, 'select action from activity_logs'))
    expect(rows).toEqual([{ action: 'create' }])
  })

  test('sees nothing and writes nothing without a company', async ({
    engine,
    workAs,
    trusted,
    testUser,
    testCompany,
  }) => {
    await victimOf({ workAs, trusted }, testUser)
    const nowhere = { role: 'fastvue_app', company_id: null } as const
    expect(await inUnitOfWork(engine, nowhere, (unit) => raw(unit, 'select * from products'))).toEqual([])
    const write = inUnitOfWork(engine, nowhere, (unit) => raw(unit, insertInto(testCompany.id)))
    await expect(write).rejects.toMatchObject({ cause: { code: 'company_forbidden' } })
  })

  test('a company does not outlive its unit of work on a connection', async ({ engine, workAs, trusted, testUser }) => {
    await victimOf({ workAs, trusted }, testUser)
    const connection = await engine.connect()
    const { rows } = await connection.query({
      text: `select current_setting('app.company_id', true) as company, current_user as role`,
    })
    connection.release()
    expect(rows[0]?.['company'] ?? '').toBe('')
    expect(rows[0]?.['role']).not.toMatch(/^fastvue_/)
  })
})

describe('the role of requests', () => {
  const tables = Object.values(models).flatMap((model) => (is(model, PgTable) ? [getTableConfig(model)] : []))
  const guarded = tables.filter(({ policies }) => policies.length > 0).map(({ name }) => name)

  test('can neither bypass row-level security nor log in, own or create anything', async ({ engine }) => {
    const connection = await engine.connect()
    const { rows } = await connection.query({
      text: `select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication,
          (select count(*) from pg_class where relowner = pg_roles.oid) as owned,
          has_schema_privilege(rolname, 'public', 'create') as creates
        from pg_roles where rolname in ('fastvue_app', 'fastvue_system')`,
    })
    connection.release()
    const nothing = {
      rolsuper: false,
      rolbypassrls: false,
      rolcanlogin: false,
      rolcreaterole: false,
      rolcreatedb: false,
    }
    const expected = { ...nothing, rolreplication: false, owned: 0, creates: false }
    expect(rows).toEqual([expected, expected])
  })

  test.for(guarded)('is held by forced row-level security on %s', async (name, { engine }) => {
    const connection = await engine.connect()
    const { rows } = await connection.query(
      { text: 'select relrowsecurity, relforcerowsecurity from pg_class where oid = $1::regclass' },
      [name],
    )
    connection.release()
    expect(rows).toEqual([{ relrowsecurity: true, relforcerowsecurity: true }])
  })

  test('has no right at all on a table without a policy for it', async ({ engine }) => {
    const connection = await engine.connect()
    const { rows } = await connection.query({
      text: `select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
        and (has_table_privilege('fastvue_app', oid, 'delete, truncate, trigger')
          or has_any_column_privilege('fastvue_app', oid, 'select, insert, update, references')) order by relname`,
    })
    connection.release()
    expect(rows.map(({ relname }) => relname)).toEqual(guarded.toSorted())
  })

  test('cannot alter, truncate or switch off what guards it', async ({ workAs, testUser }) => {
    for (const attempt of [
      'alter table products disable row level security',
      'drop policy products_company on products',
      'truncate products',
    ])
      await expect(workAs(testUser, (ctx) => raw(ctx, attempt))).rejects.toMatchObject({
        cause: { code: 'company_forbidden' },
      })
  })

  test('is what every table with a company_id that requests can reach is guarded against', async ({ engine }) => {
    const connection = await engine.connect()
    const { rows } = await connection.query({
      text: `select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where a.attname = 'company_id' and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relforcerowsecurity
        and has_table_privilege('fastvue_app', c.oid, 'select, insert, update, delete')`,
    })
    connection.release()
    expect(rows).toEqual([])
  })
})
