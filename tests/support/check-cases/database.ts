import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_URL, databaseName, maintain } from '../server-databases.ts'
import type { DatabaseTarget } from '../../../app/core/config.ts'
import { openDatabase } from '../../../app/db/open.ts'
import { openServer } from '../../../app/db/server.ts'
import { refusingServer } from '../refusing-server.ts'
import { type CheckCase, type Row, developing, given, good, onDatabase } from './case.ts'

// A function of ours before PostgreSQL's own of that name: what we are told is what another server would tell.
const OURS_FIRST = { search_path: 'public, pg_catalog' }
const instead = (name: string, body: string): Row =>
  onDatabase({ sql: [`create function public.${name} language sql as $$ ${body} $$`], set: OURS_FIRST })

/** Connects as somebody who is no superuser. */
const asNobody: Row = async ({ undo }) => {
  const role = databaseName('nobody')
  await maintain(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`)
  undo.defer(() => maintain(`DROP ROLE ${role}`).then(() => {}))
  const url = new URL(SERVER_URL ?? '')
  Object.assign(url, { username: role, password: 'x' })
  const engine = openServer({ url: url.href, poolSize: 1 })
  undo.defer(() => engine.close())
  return { open: async () => engine }
}

const unreachable =
  (DATABASE: DatabaseTarget): Row =>
  () => ({ open: () => openDatabase({ DATABASE, DB_POOL_SIZE: 1 }) })

export const databaseCases: Record<string, CheckCase> = {
  'database.E001': {
    fails: [
      unreachable({ kind: 'server', url: 'postgres://user:hunter2@127.0.0.1:1/shop' }),
      unreachable({ kind: 'embedded', path: '/dev/null/db' }),
      async ({ undo }) => {
        const { url, close } = await refusingServer('28P01', 'password authentication failed')
        undo.defer(() => void close())
        return { open: () => openDatabase({ DATABASE: { kind: 'server', url }, DB_POOL_SIZE: 1 }) }
      },
    ],
    says: /^Cannot (connect to the database \(DATABASE_URL\): (.* ECONNREFUSED|password)|open the embedded database .* ENOTDIR)/,
    passes: [good],
  },
  'database.E002': {
    fails: [onDatabase({ sql: [`delete from fastvue_migrations where name like '0002%'`] })],
    says: /^Not applied: 0002_\w+$/,
    passes: [good],
  },
  'database.E003': {
    fails: [
      onDatabase({
        sql: [
          'create table held_by_nobody (id int)',
          'alter table held_by_nobody enable row level security, owner to fastvue_app',
        ],
      }),
    ],
    says: /^Not held by row-level security: fastvue_app$/,
    passes: [good],
  },
  'database.E004': {
    fails: [
      instead(
        'current_setting(text) returns text',
        `select case $1 when 'server_version_num' then '140021' else pg_catalog.current_setting($1) end`,
      ),
    ],
    says: /^The server is PostgreSQL 14$/,
    passes: [good],
  },
  'database.E005': {
    fails: [onDatabase({ create: `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0` })],
    says: /^Its encoding is LATIN1, not UTF8$/,
    passes: [good],
    runIf: SERVER_URL !== undefined,
  },
  'database.E006': {
    fails: [onDatabase({ set: { default_transaction_read_only: 'on' } })],
    says: /^The database is read-only$/,
    passes: [good],
  },
  'database.W001': {
    fails: [onDatabase({ sql: [`insert into fastvue_migrations (name, duration_ms) values ('0007_lost', 1)`] })],
    says: /^Applied, but not in migrations\/: 0007_lost$/,
    passes: [good],
  },
  'database.W002': {
    fails: [given({ DATABASE_URL: 'memory:' })],
    says: /^Data is gone when the process ends$/,
    passes: [good, developing({ DATABASE_URL: 'memory:' })],
  },
  'database.W003': {
    fails: [instead('inet_server_addr() returns inet', `select '10.1.2.3'::inet`)],
    says: /^Connections to 10\.1\.2\.3 are not encrypted$/,
    passes: [good, instead('inet_server_addr() returns inet', `select '127.0.0.2'::inet`)],
    runIf: SERVER_URL !== undefined,
  },
  'database.W004': {
    fails: [
      instead('clock_timestamp() returns timestamptz', `select pg_catalog.clock_timestamp() + interval '30 s'`),
      instead('clock_timestamp() returns timestamptz', `select pg_catalog.clock_timestamp() - interval '30 s'`),
    ],
    says: /^The database’s clock is -?(29|30) s off$/,
    passes: [good],
  },
  'database.W005': {
    fails: [good], // the tests make databases and roles
    says: / may do anything on the server, and row-level security does not hold it$/,
    passes: [asNobody, developing()],
    runIf: SERVER_URL !== undefined,
  },
  'database.W006': {
    fails: [
      onDatabase({ sql: ['update pg_database set datconnlimit = 20 where datname = current_database()'] }),
      () => ({ subject: { processes: 100 } }),
    ],
    says: /^(A process|100 processes) may take (21|2100) connections, of \d+ that there are$/,
    passes: [given({ DB_POOL_SIZE: '5' }), () => ({ env: { DB_POOL_SIZE: '1' }, subject: { processes: 2 } })],
    runIf: SERVER_URL !== undefined,
  },
  'database.W007': {
    fails: [
      onDatabase({
        sql: [
          'create table twice as select 1 as id from generate_series(1, 2)',
          'create unique index concurrently twice_id_key on twice (id)',
        ],
      }),
    ],
    says: /^Not valid: twice_id_key$/,
    passes: [
      good,
      onDatabase({ sql: ['create table once as select 1 as id', 'create unique index concurrently on once (id)'] }),
    ],
  },
  'isolation.E001': {
    fails: [
      onDatabase({ sql: ['alter table products no force row level security'] }),
      onDatabase({ sql: ['alter table products disable row level security'] }),
      onDatabase({ sql: ['drop policy products_company on products'] }),
      onDatabase({ sql: ['create policy everybody on products using (true)'] }),
    ],
    says: /^Not as in the model: products \((not forced|policies .+, expected products_company, products_system)\)$/,
    passes: [good],
  },
  'isolation.E002': {
    fails: [
      onDatabase({ sql: ['grant select on sessions to fastvue_app'] }),
      onDatabase({ sql: ['grant select (id) on sessions to public'] }),
      onDatabase({ sql: ['grant truncate on products to fastvue_app'] }),
      onDatabase({ sql: ['grant select on users to fastvue_app'] }),
    ],
    says: /^fastvue_app may (use sessions|empty products|read users\.\w+(, read users\.\w+)*)$/,
    passes: [good, onDatabase({ sql: ['create table other (id int)', 'grant all on other to fastvue_app'] })],
  },
  'migrations.E001': {
    fails: [
      ({ folder }) => {
        writeFileSync(join(folder, 'migrations/0001_initial/snapshot.json'), '{')
        return {}
      },
      ({ folder }) => {
        rmSync(join(folder, 'migrations/0001_initial/up.sql'))
        return {}
      },
    ],
    says: /^migrations\/0001_initial/,
    passes: [good],
  },
  'migrations.W001': {
    fails: [
      ({ folder }) => {
        const migrations = join(folder, 'migrations')
        const later = readdirSync(migrations).filter((name) => name >= '0006')
        for (const name of later) rmSync(join(migrations, name), { recursive: true })
        return {}
      },
    ],
    says: /activity_logs/,
    passes: [good],
  },
}
