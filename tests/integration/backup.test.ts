import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { openServer } from '../../app/db/server.ts'
import { products } from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'
import { ProductService } from '../../app/services/product.ts'
import { loggedIn, newProduct } from '../support/caller.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { manage } from '../support/command-line.ts'
import { rowsOf } from '../support/migrations.ts'
import { ownApp } from '../support/own-app.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL, databaseName, maintain, urlOf } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'
import { workAs } from '../support/work-as.ts'

const root = resolve(import.meta.dirname, '../..')
const PG_DUMP = ['/usr/bin/pg_dump', '/usr/local/bin/pg_dump'].find((path) => existsSync(path))
const run = promisify(execFile)

/** The commands of the document that are marked so. */
function commands(mark: string): string {
  const text = readFileSync(join(root, 'docs/deployment.md'), 'utf8')
  const [, block] = new RegExp(`\`\`\`sh ${mark}\n(.*?)\`\`\``, 's').exec(text) ?? []
  if (!block) throw new Error(`docs/deployment.md has no commands marked ${mark}`)
  return block
}

describe.runIf(SERVER_URL && PG_DUMP)('the commands of docs/deployment.md', () => {
  test('bring everything back in a new database, walls included', async ({ testUser, outsider, folder }) => {
    const [restored, owner] = [databaseName('backup_restored'), databaseName('backup_owner')]
    await using source = await serverCopy()
    onTestFinished(async () => {
      await maintain(`DROP DATABASE IF EXISTS ${restored} WITH (FORCE)`)
      await maintain(`DROP ROLE IF EXISTS ${owner}`)
    })
    const before = await inDatabase(source.url, async (engine) => {
      await rowsOf(engine, 'DROP SCHEMA baseline CASCADE') // the tests' own
      await workAs(engine, testSettings())(testUser, (ctx) => new ProductService(ctx).create(newProduct))
      return contentOf(engine)
    })

    const password = crypto.randomUUID()
    const names = { DATABASE: source.url, RESTORED: restored, OWNER: owner, DATABASE_PASSWORD: password }
    const places = { SERVER: urlOf('').replace(/\/$/, ''), BACKUP: join(folder, 'fastvue.dump') }
    const env = { PATH: process.env['PATH'], ...names, ...places }
    for (const mark of ['backup', 'restore']) await run('sh', ['-ec', commands(mark)], { cwd: root, env })

    expect(await inDatabase(urlOf(restored), contentOf)).toEqual(before)
    const others = `SELECT has_database_privilege('pg_monitor', '${restored}', 'connect')::text`
    expect(await maintain(others)).toEqual(['false'])
    expect(await maintain(`SELECT rolsuper::text FROM pg_roles WHERE rolname = '${owner}'`)).toEqual(['false'])
    const url = Object.assign(new URL(urlOf(restored)), { username: owner, password }).href
    await inDatabase(url, async (engine) => {
      const settings = testSettings({ DATABASE_URL: url })
      expect(await manage(['migrate', '--check'], { engine, settings })).toMatchObject({ code: 0 })
      const check = ['check', '--only', 'database', 'isolation', 'migrations']
      expect(await manage(check, { engine, settings })).toMatchObject({ code: 0 })
      const seen = ({ db }: Context) => db.select({ sku: products.sku }).from(products)
      expect(await workAs(engine, settings)(testUser, seen)).toEqual([{ sku: newProduct.sku }])
      expect(await workAs(engine, settings)(outsider, seen)).toEqual([])

      await using served = await ownApp({ engine, settings })
      const mine = await loggedIn(served.app, testUser)
      expect((await mine.get('/products')).json()).toMatchObject({ total: 1 })
      expect((await mine.post('/products', { ...newProduct, sku: 'A-2' })).statusCode).toBe(201)
    })
  })
})

async function inDatabase<R>(url: string, work: (engine: Engine) => Promise<R>): Promise<R> {
  const engine = openServer({ url, poolSize: 4 })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** What must be the same afterwards: each table's rows, its walls, and who may do what. */
async function contentOf(engine: Engine) {
  const tables = await rowsOf(
    engine,
    `select relname, relrowsecurity, relforcerowsecurity, (select array_agg(a.privilege_type || ' ' || a.grantee::regrole order by 1)
       from aclexplode(relacl) a where a.grantee <> relowner)::text as rights
     from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname`,
  )
  const counts = tables.map(({ relname }) => `(select count(*) from ${String(relname)}) as ${String(relname)}`)
  return {
    tables,
    counts: await rowsOf(engine, `select ${counts.join()}`),
    policies: await rowsOf(
      engine,
      `select * from pg_policies where schemaname = 'public' order by tablename, policyname`,
    ),
    triggers: await rowsOf(
      engine,
      'select tgname, tgrelid::regclass::text, tgenabled from pg_trigger where not tgisinternal order by 1, 2',
    ),
  }
}
