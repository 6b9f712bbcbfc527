import { describe, expect, test } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { MIGRATIONS, TestProject, openEmptyEmbedded, openEmptyServer, rowsAs, rowsOf } from '../support/migrations.ts'
import { asPlainOwnerEmbedded, asPlainOwnerOnServer } from '../support/plain-owner.ts'
import { SERVER_URL } from '../support/server-databases.ts'

const migrations = loadMigrations(MIGRATIONS)
const list = 'SELECT sku FROM products'

/** The owner of the tables is nobody special: what keeps companies apart holds for requests, and the way down works. */
async function expectIsolation(engine: Engine) {
  await migrate(engine, migrations)
  await rowsOf(engine, `INSERT INTO companies (name, code) VALUES ('One', 'ONE')`)
  const insert = `INSERT INTO products (company_id, name, sku, price) VALUES (1, 'a', 'a', 1) RETURNING sku`
  expect(await rowsAs(engine, 'fastvue_app', 1, insert)).toEqual([{ sku: 'a' }])
  expect(await rowsAs(engine, 'fastvue_app', null, list)).toEqual([])
  await migrate(engine, migrations, { target: 'zero' })
}

describe('the database roles', () => {
  test('an owner who is no superuser but may create roles can migrate (PostgreSQL 18)', () =>
    asPlainOwnerEmbedded(expectIsolation))

  test.skipIf(!SERVER_URL)('an owner who is no superuser but may create roles can migrate (server)', () =>
    asPlainOwnerOnServer(expectIsolation),
  )

  test('who may not create roles is told what an administrator must run, and that works', async () => {
    const { engine } = await openEmptyEmbedded()
    using project = new TestProject()
    await rowsOf(engine, 'CREATE ROLE "the owner"')
    await rowsOf(engine, 'ALTER SCHEMA public OWNER TO "the owner"')
    await rowsOf(engine, 'SET SESSION AUTHORIZATION "the owner"')
    const { code, stderr } = await project.manage(['migrate'], engine)
    expect(code).toBe(1)
    const [, sql = ''] = /^Error: The database user may not .* an administrator must run: (.*)\n$/.exec(stderr) ?? []
    await rowsOf(engine, 'SET SESSION AUTHORIZATION postgres')
    for (const statement of sql.split('; ')) await rowsOf(engine, statement)
    await rowsOf(engine, 'SET SESSION AUTHORIZATION "the owner"')
    expect(await project.manage(['migrate'], engine)).toMatchObject({ code: 0, stderr: '' })
    await engine.close()
  })

  test.each(['BYPASSRLS', 'SUPERUSER'])('a role that has %s is refused, and nothing is migrated', async (attribute) => {
    const { engine } = await openEmptyEmbedded()
    using project = new TestProject()
    await rowsOf(engine, `CREATE ROLE fastvue_app ${attribute}`)
    const { code, stderr } = await project.manage(['migrate'], engine)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Error: The database role fastvue_app could pass row-level security.*NOBYPASSRLS;\n$/)
    expect(await rowsOf(engine, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
    await engine.close()
  })

  test.skipIf(!SERVER_URL)('several databases of one server can be migrated at once', async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, openEmptyServer))
    await Promise.all(databases.map(({ engine }) => migrate(engine, migrations)))
    for (const { engine, close } of databases) {
      expect(await rowsAs(engine, 'fastvue_app', 1, list)).toEqual([])
      await close()
    }
  })
})
