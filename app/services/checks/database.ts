import type { Engine } from '../../db/engine.ts'
import { queryUnscoped } from '../../db/unscoped.ts'
import type { Check } from './check.ts'

const SECONDS_APART = 5

export const databaseChecks: Check[] = [
  {
    id: 'database.E001',
    about: 'The database cannot be reached',
    hint: 'Start the database, or correct DATABASE_URL',
    find: ({ unreachable }) => unreachable,
  },
  {
    id: 'database.E002',
    about: 'Migrations are not applied',
    hint: 'Run ./manage migrate',
    find({ migrations }) {
      const names = migrations?.pending.map(({ name }) => name) ?? []
      return names.length > 0 ? `Not applied: ${names.join(', ')}` : undefined
    },
  },
  {
    id: 'database.E003',
    about: 'A role that row-level security should hold can go round it',
    hint: 'ALTER ROLE … NOSUPERUSER NOBYPASSRLS, and give its tables to another owner',
    async find({ engine }) {
      const names = await read(engine, BYPASSING)
      return names ? `Not held by row-level security: ${names}` : undefined
    },
  },
  {
    id: 'database.W001',
    about: 'The database knows migrations that the tree has lost',
    hint: 'Bring the folders in migrations/ back, from version control',
    find({ migrations }) {
      const lost = migrations?.lost ?? []
      return lost.length > 0 ? `Applied, but not in migrations/: ${lost.join(', ')}` : undefined
    },
  },
  {
    id: 'database.W002',
    about: 'In production the database lives in memory',
    hint: 'Set DATABASE_URL to a server (postgres://…) or a folder (file:…)',
    find: ({ production, settings }) =>
      production && settings.DATABASE.kind === 'memory' ? 'Data is gone when the process ends' : undefined,
  },
  {
    id: 'database.W003',
    about: 'In production the server’s connections are not encrypted, though it is another machine',
    hint: 'Add ?sslmode=verify-full to DATABASE_URL',
    async find({ engine, production }) {
      const address = production && engine?.kind === 'server' ? await read(engine, UNENCRYPTED_SERVER) : undefined
      return address ? `Connections to ${address} are not encrypted` : undefined
    },
  },
  {
    id: 'database.W004',
    about: `The clocks of this machine and of the database are more than ${SECONDS_APART} s apart`,
    hint: 'Keep both in time (NTP): tokens and sessions expire by them',
    async find({ engine }) {
      const before = Date.now()
      const text = await read(engine, 'select extract(epoch from clock_timestamp())::text as answer')
      if (text === undefined) return undefined
      const apart = (Number(text) * 1000 - (before + Date.now()) / 2) / 1000
      return Math.abs(apart) > SECONDS_APART ? `The database’s clock is ${Math.round(apart)} s off` : undefined
    },
  },
]

const BYPASSING = `
  select string_agg(distinct r.rolname, ', ') as answer from pg_roles r
  left join pg_class c on c.relowner = r.oid and c.relrowsecurity
  where r.rolname in ('fastvue_app', 'fastvue_system') and (r.rolsuper or r.rolbypassrls or c.oid is not null)`

const UNENCRYPTED_SERVER = `
  select host(inet_server_addr()) as answer from pg_stat_ssl
  where pid = pg_backend_pid() and not ssl and inet_server_addr() is not null
    and not inet_server_addr() <<= any (array['127.0.0.0/8', '::1/128']::inet[])`

/** The one text that a query answers with; undefined without an engine, and when there is none. */
async function read(engine: Engine | undefined, text: string): Promise<string | undefined> {
  if (!engine) return undefined
  const [row] = await queryUnscoped(engine, text)
  const answer = row?.['answer']
  return typeof answer === 'string' ? answer : undefined
}
