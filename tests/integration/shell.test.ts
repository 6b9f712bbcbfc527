import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'
import { testSettings } from '../support/settings.ts'
import type { Engine } from '../../app/db/engine.ts'

/** What the shell prints for lines that are piped in. */
async function shell(engine: Engine, ...lines: string[]): Promise<string> {
  const { code, stdout, stderr } = await manage(['shell'], { engine, stdin: lines.join('\n') })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trimEnd()
}

const LAMP = `await new ProductService(await as('manager', 'TEST')).create({ name: 'Lamp', sku: 'L-1', price: '9.99' })`

describe('shell', () => {
  test('evaluates piped lines one after the other, also those over several lines', async ({ engine }) => {
    expect(await shell(engine, 'const one = await Promise.resolve(1)', 'one + (', '1', ')')).toBe('2')
  })

  test('ends at .exit', async ({ engine }) => {
    expect(await shell(engine, '1', '.exit', '2')).toBe('1')
  })

  test('prints rows as a table, and a page with its total', async ({ engine }) => {
    const query = 'await db.select({ id: companies.id, code: companies.code }).from(companies).orderBy(companies.id)'
    expect(await shell(engine, query)).toBe(
      [
        '┌────┬───────┐',
        '│ id │ code  │',
        '├────┼───────┤',
        '│ 1  │ TEST  │',
        '├────┼───────┤',
        '│ 2  │ OTHER │',
        '└────┴───────┘',
        '(2 rows)',
      ].join('\n'),
    )
    const list = `await new ProductService(await as('manager')).getMulti({ page: 1, page_size: 1, with_total: true, sort: [], filters: [] })`
    expect(await shell(engine, `void (${LAMP})`, list)).toMatch(/│ Lamp .*\n.*\n\(1 row of 1\)$/)
    expect(await shell(engine, 'await db.select().from(products).where(eq(products.id, 0))')).toBe('(0 rows)')
  })

  test('prints JSON with --json', async ({ engine }) => {
    const stdin = 'await db.execute(sql`select 1 as one`).then(({ rows }) => rows)\n[1, null]\n'
    const { stdout } = await manage(['shell', '--json'], { engine, stdin })
    expect(stdout).toBe('[{"one":1}]\n[1,null]\n')
  })

  test('commits each call by itself, with the stamps of who acts', async ({ engine, testUser }) => {
    await shell(engine, `void (${LAMP})`, `throw new Error('later')`)
    expect(await rowsOf(engine, 'select sku, created_by, company_id from products')).toEqual([
      { sku: 'L-1', created_by: testUser.id, company_id: testUser.company_id },
    ])
  })

  test('takes all of a transaction back when one call in it fails', async ({ engine }) => {
    const said = await shell(
      engine,
      `const acme = await as('manager', 'TEST')`,
      `const lamp = { name: 'Lamp', sku: 'L-1', price: '9.99' }`,
      `await acme.transaction(async (ctx) => { for (;;) await new ProductService(ctx).create(lamp) })`,
      `await db.transaction(async (tx) => { await tx.delete(companies); throw new Error('stop') })`,
    )
    expect(said).toBe('Uncaught Error: Product with this SKU already exists\nUncaught Error: stop')
    expect(await rowsOf(engine, 'select 1 from products')).toEqual([])
    expect(await rowsOf(engine, 'select 1 from companies')).toHaveLength(2)
  })

  test('shows a user no other company than the one they are in', async ({ engine }) => {
    const count = 'sql`select count(*) from products`'
    const said = await shell(
      engine,
      `void (${LAMP})`,
      `const other = await as('outsider')`,
      `await new ProductService(other).get(1)`,
      `(await other.db.execute(${count})).rows[0].count`,
      `(await db.execute(${count})).rows[0].count`,
    )
    expect(said).toBe('Uncaught Error: Product not found\n0\n1')
  })

  test('acts as nobody who is not there', async ({ engine }) => {
    const said = await shell(
      engine,
      `await as('nobody')`,
      `await as('manager', 'OTHER')`,
      `await as('stranger')`,
      `await as('superuser', 'NOWHERE')`,
      `await as('manager', 'NOWHERE')`,
    )
    expect(said.split('\n')).toEqual([
      'Uncaught Error: No user nobody',
      'Uncaught Error: manager is no member of OTHER',
      'Uncaught Error: stranger is no member of a company',
      'Uncaught Error: No company NOWHERE',
      'Uncaught Error: No company NOWHERE',
    ])
  })

  test('shows who acts, a table and what was not awaited in one line each', async ({ engine }) => {
    const said = await shell(
      engine,
      `await as('viewer', 'test')`,
      `Permission`,
      `as('manager')`,
      `db.select().from(products)`,
    )
    expect(said.split('\n')).toEqual([
      expect.stringMatching(/^viewer in TEST \(\d+ permissions?\)$/),
      expect.stringMatching(/^table permissions: id, .*name, /),
      'Not awaited yet: put await before it',
      'Not awaited yet: put await before it',
    ])
  })

  test('lets a superuser be in any company', async ({ engine }) => {
    expect(await shell(engine, `(await as('superuser@example.com', 'other')).company.code`)).toBe(`'OTHER'`)
  })

  test('has the services of every folder, each made of who acts alone', async ({ engine }) => {
    const query = '{ page: 1, page_size: 20, with_total: true, sort: [], filters: [] }'
    const kinds =
      'Company Explain Follower Group Inbox Membership Message Notification OwnProfile Permission Preference'
    const names = ['ActivityLog', ...`${kinds} Product RBAC Role User`.split(' ').map((kind) => `${kind}Service`)]
    const said = await shell(
      engine,
      `[${names.join()}].map(({ name }) => name).join()`,
      `const admin = await as('admin', 'TEST')`,
      `(await new UserService(admin).list(${query})).total`,
      `(await new InboxService(admin).getMulti(${query})).total`,
      `(await new MessageService(admin).create({ model_name: 'users', record_id: 1, body: 'x' })).body`,
      `(await new OwnProfileService(admin).get()).username`,
      `(await ActivityLog.create(admin, { action: 'looked' })).company_id === admin.company.id`,
      'typeof SessionService + typeof References + typeof BaseCRUDService',
    )
    expect(said.split('\n')).toEqual([
      `'${names.join()}'`,
      '4',
      '0',
      'Uncaught Error: Record not found',
      `'admin'`,
      'true',
      `'undefinedundefinedundefined'`,
    ])
  })

  test('lets somebody do what a request of theirs could', async ({ engine, viewerUser: { id } }) => {
    const create = (user: string, code: string) =>
      `(await new CompanyService(await as('${user}', 'TEST')).create({ name: '${code}', code: '${code}' })).code`
    const promote = (user: string) =>
      `void (await new UserService(await as('${user}')).update(${id}, { is_superuser: true }))`
    const said = await shell(
      engine,
      create('admin', 'NEW'),
      create('superuser', 'OLD'),
      promote('admin'),
      promote('superuser'),
      `(await as('superuser', 'OTHER')).permissions.has('company.create')`,
    )
    expect(said.split('\n')).toEqual([
      `'NEW'`,
      `'OLD'`,
      'Uncaught Error: Only a superuser may say who is a superuser',
      'true',
    ])
    expect(
      await rowsOf(
        engine,
        `select u.username, c.code from user_company_roles m
      join users u on u.id = m.user_id join companies c on c.id = m.company_id where c.code in ('NEW', 'OLD')`,
      ),
    ).toEqual([{ username: 'admin', code: 'NEW' }])
    expect(await rowsOf(engine, `select is_superuser from users where id = ${id}`)).toEqual([{ is_superuser: true }])
  })

  test('says each error in one line and goes on', async ({ engine }) => {
    const said = await shell(engine, 'nope', 'let x = }', 'await db.execute(sql`select nix`)', '"on"')
    expect(said).toBe(
      [
        'Uncaught ReferenceError: nope is not defined',
        "Uncaught SyntaxError: Unexpected token '}'",
        'Uncaught error: column "nix" does not exist',
        `'on'`,
      ].join('\n'),
    )
  })

  test('has the models by the names of the guide too', async ({ engine }) => {
    expect(
      await shell(
        engine,
        '[User === users, Company === companies, Product === products, InboxItem === inboxItems, typeof Event]',
      ),
    ).toBe(`[ true, true, true, true, 'function' ]`)
  })

  test('hides the secrets of settings that are printed', async ({ engine }) => {
    const settings = testSettings({
      REDIS_URL: 'redis://cache:hush@localhost',
      SECRET_KEY: 'S'.repeat(32),
      GOOGLE_CLIENT_ID: 'shop',
      GOOGLE_CLIENT_SECRET: 'hush',
    })
    settings.DATABASE = { kind: 'server', url: 'postgres://anna:hush@localhost/shop' }
    const { stdout } = await manage(['shell'], { engine, settings, stdin: 'settings\nsettings.SECRET_KEY.length' })
    expect(stdout).toContain("REDIS_URL: 'redis://cache:********@localhost'")
    expect(stdout).toContain("url: 'postgres://anna:********@localhost/shop'")
    expect(stdout).not.toMatch(/hush|SSSS/)
    expect(stdout.trimEnd()).toMatch(/\n32$/)
  })
})

describe('shell --command', () => {
  const run = (engine: Engine, code: string, ...flags: string[]) => manage(['shell', '-c', code, ...flags], { engine })

  test('prints the value of an expression, and nothing for statements', async ({ engine }) => {
    const query = 'await db.select({ code: Company.code }).from(Company).orderBy(Company.id) // all of them'
    expect(await run(engine, query)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/│ OTHER │\n.*\n\(2 rows\)\n$/),
    })
    expect(await run(engine, query, '--json')).toMatchObject({ stdout: '[{"code":"TEST"},{"code":"OTHER"}]\n' })
    expect(await run(engine, '{ one: 1 }')).toMatchObject({ stdout: '{ one: 1 }\n' })
    expect(await run(engine, 'const two = await 2; two + 1')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run(engine, '')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('works as a user in a company', async ({ engine }) => {
    expect(await run(engine, `void (${LAMP})`)).toMatchObject({ code: 0 })
    expect(await rowsOf(engine, 'select sku from products')).toEqual([{ sku: 'L-1' }])
  })

  test.for([
    ['nope', 'ReferenceError: nope is not defined'],
    ['let x = }', "SyntaxError: Unexpected token '}'"],
    ['throw new Error("stop\\nhere")', 'stop'],
    ['throw 1', '1'],
    ['await db.execute(sql`select nix`)', 'column "nix" does not exist'],
    [`await as('nobody')`, 'No user nobody'],
  ] as const)('fails at %s in one line', async ([code, message], { engine }) => {
    expect(await run(engine, code)).toEqual({ code: 1, stdout: '', stderr: `Error: ${message}\n` })
  })
})
