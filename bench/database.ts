import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { hashPassword } from '../app/core/passwords.ts'
import { type Settings, loadSettings } from '../app/core/config.ts'
import { loadMigrations } from '../app/db/migration-files.ts'
import { migrate } from '../app/db/migrator.ts'
import { openDatabase } from '../app/db/open.ts'
import { initDb } from '../app/services/init-db.ts'
import { COMPANY_ROWS, CREATED_SKU } from './operations.ts'

/** The bench's own database: made and filled before, dropped after. */
export interface BenchDatabase {
  url: string
  company_id: number
  user_id: number
  username: string
  password: string
  /** Usernames of others with the same password. */
  people: string[]
  /** Ids of the company's products, spread over all of them. */
  ids: number[]
  /** A folder for logs and profiles, removed with the database. */
  scratch: string
}

const USERNAME = 'bench'
const PASSWORD = 'a password of the bench only'
const COMPANIES = 3

/** Makes the database anew, migrated by FastVue, and fills three companies with 10,000 products each. */
export async function createBenchDatabase(url: string): Promise<BenchDatabase> {
  await dropBenchDatabase(url)
  await onServer(url, (client, name) => client.query(`CREATE DATABASE ${name}`))
  const settings = loadSettings({ DATABASE_URL: url, SECRET_KEY: 'x'.repeat(32), DB_POOL_SIZE: '2' })
  await migrateAndInit(settings)
  const password_hash = await hashPassword(PASSWORD)
  return connected(url, async (client) => {
    const { rows } = await client.query<{ company_id: number; user_id: number }>(PEOPLE, [
      COMPANIES,
      USERNAME,
      password_hash,
    ])
    const [{ company_id, user_id } = { company_id: 0, user_id: 0 }] = rows
    await client.query(PRODUCTS, [COMPANY_ROWS, user_id])
    const people = (await client.query<{ username: string }>(CROWD, [USERNAME, password_hash])).rows.map(
      (row) => row.username,
    )
    // Vacuumed by hand after each round of `create`: at a moment of its own choosing, autovacuum would disturb a round.
    await client.query('ALTER TABLE products SET (autovacuum_enabled = false)')
    await client.query('VACUUM ANALYZE')
    const scratch = mkdtempSync(join(tmpdir(), 'fastvue-bench-'))
    const sample = 'SELECT id::float8 AS id FROM products WHERE company_id = $1 ORDER BY random() LIMIT 100'
    const ids = (await client.query<{ id: number }>(sample, [company_id])).rows.map(({ id }) => id)
    return { url, company_id, user_id, username: USERNAME, password: PASSWORD, people, ids, scratch }
  })
}

/** Takes away what a round of `create` left, so that every round starts from the same table. */
export async function removeCreated(url: string): Promise<void> {
  await connected(url, async (client) => {
    await client.query(`SET app.record_activity = 'off'`)
    await client.query(`DELETE FROM products WHERE sku LIKE '${CREATED_SKU}%'`)
    await client.query('TRUNCATE activity_logs')
    await client.query('VACUUM ANALYZE products')
    await client.query('CHECKPOINT')
  })
}

/** Whether the activity log records what happens to products. */
export async function recordActivity(url: string, change: 'ENABLE' | 'DISABLE'): Promise<void> {
  await connected(url, (client) => client.query(`ALTER TABLE products ${change} TRIGGER USER`))
}

export async function dropBenchDatabase(url: string): Promise<void> {
  await onServer(url, (client, name) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
}

async function migrateAndInit(settings: Settings): Promise<void> {
  const engine = await openDatabase(settings)
  try {
    await migrate(engine, loadMigrations(join(settings.directory, 'migrations')))
    await initDb(engine, settings)
  } finally {
    await engine.close()
  }
}

/** Connects to the server's own database, where others can be made. */
function onServer(url: string, work: (client: pg.Client, name: string) => Promise<unknown>): Promise<unknown> {
  const server = new URL(url)
  const name = pg.escapeIdentifier(decodeURIComponent(server.pathname.slice(1)))
  server.pathname = '/postgres'
  return connected(server.href, (client) => work(client, name))
}

async function connected<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const PEOPLE = `
  WITH made AS (
    INSERT INTO companies (code, name) SELECT 'BENCH' || n, 'Bench ' || n FROM generate_series(1, $1::int) n RETURNING id
  ), person AS (
    INSERT INTO users (email, username, password_hash) VALUES ($2 || '@example.com', $2, $3) RETURNING id
  )
  INSERT INTO user_company_roles (user_id, company_id, role_id, is_default)
  SELECT person.id, (SELECT min(id) FROM made), roles.id, true FROM person, roles WHERE codename = 'editor'
  RETURNING company_id::float8, user_id::float8`

// Others who log in by the same password.
const CROWD = `
  INSERT INTO users (email, username, password_hash)
  SELECT $1 || n || '@example.com', $1 || n, $2 FROM generate_series(1, 64) n RETURNING username`

// Row by row from each company, as rows of companies that work at the same time lie.
const PRODUCTS = `
  INSERT INTO products (company_id, created_by, updated_by, name, sku, price, description)
  SELECT c.id, $2, $2, 'Product ' || n, 'SKU-' || n, n * 1.25, repeat('What can be said about it. ', 4)
  FROM generate_series(1, $1::int) n CROSS JOIN companies c WHERE c.code LIKE 'BENCH%' ORDER BY n, c.id`
