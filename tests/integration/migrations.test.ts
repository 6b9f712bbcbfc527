import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { manage } from '../support/command-line.ts'
import { ENGINES, type EmptyDatabase, MIGRATIONS, TestProject, rowsAs, rowsOf } from '../support/migrations.ts'
import { testSettings } from '../support/settings.ts'

describe.each(ENGINES)('migrations on %s', (_name, open) => {
  const migrations = loadMigrations(MIGRATIONS)
  let database: EmptyDatabase
  let engine: Engine
  beforeEach(async () => {
    database = await open()
    engine = database.engine
  })
  afterEach(() => database.close())

  test('up, down and up again make the same schema, and down leaves nothing', async () => {
    await migrate(engine, migrations)
    const first = await catalogue(engine)
    await migrate(engine, migrations, { target: 'zero' })
    expect(await rowsOf(engine, TABLES)).toEqual([{ name: 'fastvue_migrations' }])
    await migrate(engine, migrations)
    expect(await catalogue(engine)).toEqual(first)
  })

  test('every table of a company has row-level security that no role of ours can pass', async () => {
    await migrate(engine, migrations)
    const unguarded = `
      SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attname = 'company_id'
      WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)
        AND has_table_privilege('fastvue_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')`
    expect(await rowsOf(engine, unguarded)).toEqual([])
    const roles = `SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname LIKE 'fastvue\\_%'`
    expect(await rowsOf(engine, roles)).toEqual(
      Array.from({ length: 2 }, () => ({ rolsuper: false, rolbypassrls: false, rolcanlogin: false })),
    )
  })

  test('a request sees and writes its own company, nothing without one, and no table that belongs to none', async () => {
    await migrate(engine, migrations)
    await rowsOf(engine, `INSERT INTO companies (name, code) VALUES ('One', 'ONE'), ('Two', 'TWO')`)
    await rowsOf(
      engine,
      `INSERT INTO products (company_id, name, sku, price) VALUES (1, 'a', 'a', 1), (2, 'b', 'b', 1)`,
    )
    const insert = `INSERT INTO products (company_id, name, sku, price) VALUES (1, 'c', 'c', 1) RETURNING sku`
    const list = 'SELECT sku FROM products ORDER BY sku'

    expect(await rowsAs(engine, 'fastvue_app', 1, list)).toEqual([{ sku: 'a' }])
    expect(await rowsAs(engine, 'fastvue_app', 1, insert)).toEqual([{ sku: 'c' }])
    expect(await rowsAs(engine, 'fastvue_app', null, list)).toEqual([])
    expect(await rowsAs(engine, 'fastvue_system', null, list)).toEqual([{ sku: 'a' }, { sku: 'b' }])
    await expect(rowsAs(engine, 'fastvue_app', null, insert)).rejects.toThrow('row-level security')
    await expect(rowsAs(engine, 'fastvue_app', 2, insert)).rejects.toThrow('row-level security')
    for (const forbidden of [
      'SELECT 1 FROM sessions',
      'SELECT password_hash FROM users',
      'UPDATE users SET is_active = false',
    ])
      await expect(rowsAs(engine, 'fastvue_app', 1, forbidden)).rejects.toThrow('permission denied')
    await expect(rowsAs(engine, 'fastvue_app', 1, 'TRUNCATE products')).rejects.toThrow('permission denied')
  })

  test('whatever changes who may do what is announced in the same transaction', async () => {
    await migrate(engine, migrations)
    const heard: string[] = []
    const listener = await engine.listen(
      'fastvue_access',
      (payload) => heard.push(payload),
      () => {},
    )
    const announced = async (sql: string) => {
      heard.length = 0
      await rowsOf(engine, sql)
      await rowsOf(engine, `NOTIFY fastvue_access, 'end'`)
      await expect.poll(() => heard).toContain('end')
      return heard.slice(0, -1)
    }
    const user = (name: string) =>
      `INSERT INTO users (id, email, username, password_hash) VALUES (${name}, '${name}', '${name}', '')`

    expect(await announced(`INSERT INTO companies (name, code) VALUES ('One', 'ONE')`)).toEqual(['*'])
    expect(await announced(`INSERT INTO roles (id, name, codename) VALUES (1, 'r', 'r')`)).toEqual(['*'])
    expect(await announced(user('1'))).toEqual([])
    expect(await announced(user('2'))).toEqual([])
    expect(await announced('UPDATE users SET last_login_at = now(), updated_at = now()')).toEqual([])
    expect(await announced('UPDATE users SET is_active = false WHERE id = 1')).toEqual(['1'])
    const membership = 'INSERT INTO user_company_roles (user_id, company_id, role_id) VALUES (1, 1, 1)'
    expect(await announced(membership)).toEqual(['1'])
    expect(await announced('UPDATE user_company_roles SET user_id = 2')).toEqual(['1', '2'])
    expect(await announced('DELETE FROM users WHERE id = 2')).toEqual(['2'])
    expect(await announced('TRUNCATE users CASCADE')).toContain('*')
    await listener.close()
  })

  test('a failing migration is undone and named; the ones before it stay, and it can be mended', async () => {
    using project = new TestProject(
      { name: '0100_good', up: 'CREATE TABLE good (id int);', down: 'DROP TABLE good;' },
      {
        name: '0101_bad',
        parents: ['0100_good'],
        up: 'CREATE TABLE half (id int);\nSELECT 1;\nINSERT INTO nowhere VALUES (1);',
      },
    )
    const failed = await project.manage(['migrate'], engine)
    expect(failed.code).toBe(1)
    expect(failed.stderr).toBe(
      'Error: Migration 0101_bad failed and nothing of it was kept: up.sql line 3: relation "nowhere" does not exist\n',
    )
    const tables = (await rowsOf(engine, TABLES)).map(({ name }) => name)
    expect(tables).toContain('good')
    expect(tables).not.toContain('half')

    using mended = new TestProject(
      { name: '0100_good', up: 'CREATE TABLE good (id int);', down: 'DROP TABLE good;' },
      { name: '0101_bad', parents: ['0100_good'], up: 'CREATE TABLE half (id int);' },
    )
    const again = await mended.manage(['migrate'], engine)
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^ {2}Applying 0101_bad\.\.\. OK \(\d+ ms\)\nPermissions: \d+ added; roles: \d+ brought in step\n$/,
      ),
    })
  })

  test('two branches are both applied after a merge, whichever came first', async () => {
    const x = { name: '0100_x', up: 'CREATE TABLE x (id int);', down: 'DROP TABLE x;' }
    const y = { name: '0100_y', up: 'CREATE TABLE y (id int);', down: 'DROP TABLE y;' }
    using yFirst = new TestProject(y)
    using merged = new TestProject(x, y)
    await yFirst.manage(['migrate'], engine)
    expect((await merged.manage(['migrate', '--plan'], engine)).stdout).toBe('  Applying 0100_x\n')
    await merged.manage(['migrate'], engine)
    expect((await merged.manage(['migrate'], engine)).stdout).toBe('No migrations to apply.\n')

    await merged.manage(['migrate', '0100_x', '--force'], engine)
    expect((await merged.manage(['showmigrations'], engine)).stdout).toMatch(/\[X\] 0100_x\n\[ \] 0100_y\n$/)
    await merged.manage(['migrate'], engine)
    expect((await rowsOf(engine, TABLES)).map(({ name }) => name)).toEqual(expect.arrayContaining(['x', 'y']))
  })

  test('a migration may take on a role for its data, and is recorded all the same', async () => {
    const up = `INSERT INTO companies (name, code) VALUES ('One', 'ONE');
      SET LOCAL ROLE fastvue_system;
      INSERT INTO products (company_id, name, sku, price) SELECT id, 'a', 'a', 1 FROM companies;`
    using project = new TestProject({ name: '0100_data', up })
    expect(await project.manage(['migrate'], engine)).toMatchObject({ code: 0, stderr: '' })
    expect(await rowsOf(engine, 'SELECT sku FROM products')).toEqual([{ sku: 'a' }])
  })

  test('--plan and --check change nothing; --fake records without running', async () => {
    using project = new TestProject({ name: '0100_never', up: 'SELECT 1 / 0;' })
    const names = [...migrations.map(({ name }) => name), '0100_never']
    const plan = names.map((name) => `  Applying ${name}\n`).join('')
    expect(await project.manage(['migrate', '--plan'], engine)).toMatchObject({ code: 0, stdout: plan })
    expect(await project.manage(['migrate', '--check'], engine)).toMatchObject({ code: 1, stdout: plan })
    expect(await rowsOf(engine, TABLES)).toEqual([])

    await project.manage(['migrate', migrations.at(-1)!.name], engine)
    expect((await project.manage(['migrate', '--fake'], engine)).stdout).toBe(
      '  Applying 0100_never... OK (recorded only)\n',
    )
    await project.manage(['migrate'], engine) // the permissions
    expect(await project.manage(['migrate', '--check', '--json'], engine)).toMatchObject({ code: 0, stdout: '[]\n' })
  })

  test('permissions that are not in step with the code are a step, too', async () => {
    using project = new TestProject()
    await project.manage(['migrate'], engine)
    await rowsOf(engine, `delete from permissions where name = 'product.delete'`)
    const plan = '  Adding permission product.delete\n  Bringing role admin in step\n'
    for (const [flag, code] of [
      ['--plan', 0],
      ['--check', 1],
    ] as const) {
      const told = await project.manage(['migrate', flag], engine)
      expect(told).toEqual({ code, stdout: expect.stringContaining(plan), stderr: '' })
    }
    const json = await project.manage(['migrate', '--json'], engine)
    const roles = ['admin', 'manager', 'super_admin']
    expect(JSON.parse(json.stdout)).toEqual([
      { name: 'permissions', direction: 'copy', permissions: ['product.delete'], roles },
    ])
    expect(json.stderr).toBe('Permissions: 1 added; roles: 3 brought in step\n')
    const after = await project.manage(['migrate', '--check'], engine)
    expect(after).toEqual({ code: 0, stdout: 'No migrations to apply.\n', stderr: '' })
  })

  test.each([
    ['development', [], /^Warning: migrate zero cannot be undone .*\nError: .*--force/],
    ['production', ['--force'], /^Error: This is production: migrate zero needs --i-know-this-is-production\n$/],
  ] as const)('in %s nothing is reverted by mistake', async (ENVIRONMENT, flags, refusal) => {
    using project = new TestProject()
    const settings = { ...testSettings(), directory: project.directory, ENVIRONMENT }
    const zero = (...more: string[]) => manage(['migrate', 'zero', ...more], { engine, settings })
    await migrate(engine, migrations)
    const before = await rowsOf(engine, TABLES)
    expect(await zero(...flags)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(refusal) })
    expect(await rowsOf(engine, TABLES)).toEqual(before)
    expect(await zero('--plan')).toMatchObject({ code: 0, stderr: '' })

    expect(await zero('--force', '--i-know-this-is-production')).toMatchObject({ code: 0, stderr: '' })
    expect(await rowsOf(engine, TABLES)).toEqual([{ name: 'fastvue_migrations' }])
  })

  test('what the database has and the tree has lost is shown, and stops the way back', async () => {
    using project = new TestProject({ name: '0100_lost', up: '' })
    await project.manage(['migrate'], engine)
    using without = new TestProject()
    const shown = await without.manage(['showmigrations', '--json'], engine)
    expect(JSON.parse(shown.stdout)).toContainEqual({
      name: '0100_lost',
      state: 'lost',
      applied_at: expect.stringMatching(/Z$/),
    })
    expect(await without.manage(['migrate'], engine)).toMatchObject({
      code: 0,
      stderr: 'Warning: The database has 0100_lost, which is not in migrations/\n',
    })
    const back = await without.manage(['migrate', 'zero'], engine)
    expect(back.code).toBe(1)
    expect(back.stderr).toMatch(/Error: The database has 0100_lost, .*; bring its files back first\n$/)
  })
})

test('a part of a name finds the migrations that were meant', async () => {
  using project = new TestProject()
  const { code, stderr } = await project.manage(['sqlmigrate', '12'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: There is no migration 12; did you mean 0012_jobs?\n' })
})

test('makemigrations --help shows no default that nobody can type', async () => {
  using project = new TestProject()
  expect((await project.manage(['makemigrations', '--help'])).stdout).not.toContain('[]')
})

test('makemigrations warns of a new column that rows cannot fill', async () => {
  const newest = loadMigrations(MIGRATIONS).at(-1)!
  const before = (...columns: string[]) => {
    const ddl = newest.schema.ddl.filter(({ table, name }) => table !== 'products' || !columns.includes(name ?? ''))
    return new TestProject({ name: '0100_less', up: '', schema: { ...newest.schema, ddl } })
  }
  using unfilled = before('price', 'version', 'description')
  const price = 'products.price is NOT NULL without a default: where products has rows, migrate will fail'
  expect(await unfilled.manage(['makemigrations'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('create column products.price'),
    stderr: `Warning: ${price}; see docs/migrations.md\n`,
  })
  using filled = before('version', 'description')
  expect(await filled.manage(['makemigrations'])).toMatchObject({ code: 0, stderr: '' })
})

const TABLES = `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`

/** Everything about the schema that PostgreSQL knows, free of its internal numbers. */
async function catalogue(engine: Engine) {
  const queries = [
    `SELECT table_name, column_name, data_type, is_nullable, column_default, identity_generation
     FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
    `SELECT conrelid::regclass::text AS on, conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    `SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2`,
    `SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class
     WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
    `SELECT tgrelid::regclass::text AS on, pg_get_triggerdef(oid) AS def FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
    // Without the secret in new_id(), which is another in each database.
    `SELECT proname, regexp_replace(prosrc, '[0-9a-f-]{36}', '') AS prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`,
  ]
  return Promise.all(queries.map((query) => rowsOf(engine, query)))
}
