import { type Check, type Subject, answerOf } from './check.ts'

const SECONDS_APART = 5
const OLDEST = 15

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
    find({ status }) {
      const names = status?.pending.map(({ name }) => name) ?? []
      return names.length > 0 ? `Not applied: ${names.join(', ')}` : undefined
    },
  },
  {
    id: 'database.E003',
    about: 'A role that row-level security should hold can go round it',
    hint: 'ALTER ROLE … NOSUPERUSER NOBYPASSRLS, and give its tables to another owner',
    async find(subject) {
      const names = await answerOf(subject, BYPASSING)
      return names && `Not held by row-level security: ${names}`
    },
  },
  {
    id: 'database.E004',
    about: `PostgreSQL is older than ${OLDEST}`,
    hint: `Move the data to a newer server: the migrations need PostgreSQL ${OLDEST}`,
    async find(subject) {
      const number = Number(await answerOf(subject, `select current_setting('server_version_num') as answer`))
      return number < OLDEST * 10_000 ? `The server is PostgreSQL ${Math.floor(number / 10_000)}` : undefined
    },
  },
  {
    id: 'database.E005',
    about: 'The database cannot store every letter',
    hint: 'Make another with ENCODING UTF8 TEMPLATE template0, and move the data',
    async find(subject) {
      const encoding = await answerOf(subject, OTHER_ENCODING)
      return encoding && `Its encoding is ${encoding}, not UTF8`
    },
  },
  {
    id: 'database.E006',
    about: 'The database takes no changes',
    hint: 'Name the primary server in DATABASE_URL, or reset default_transaction_read_only',
    async find(subject) {
      const why = await answerOf(subject, READ_ONLY)
      return why && `The database is ${why}`
    },
  },
  {
    id: 'database.W001',
    about: 'The database knows migrations that the tree has lost',
    hint: 'Bring the folders in migrations/ back, from version control',
    find({ status }) {
      const lost = status?.lost ?? []
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
    async find(subject) {
      const address = isProductionServer(subject) && (await answerOf(subject, UNENCRYPTED_SERVER))
      return address ? `Connections to ${address} are not encrypted` : undefined
    },
  },
  {
    id: 'database.W004',
    about: `The clocks of this machine and of the database are more than ${SECONDS_APART} s apart`,
    hint: 'Keep both in time (NTP): tokens and sessions expire by them',
    async find({ database }) {
      const before = Date.now()
      const text = await database?.rows('select extract(epoch from clock_timestamp())::float8 as now')
      if (text === undefined) return undefined
      const apart = (Number(text[0]?.['now']) * 1000 - (before + Date.now()) / 2) / 1000
      return Math.abs(apart) > SECONDS_APART ? `The database’s clock is ${Math.round(apart)} s off` : undefined
    },
  },
  {
    id: 'database.W005',
    about: 'In production the server’s superuser connects',
    hint: 'Name a user in DATABASE_URL who owns the database and is NOSUPERUSER',
    async find(subject) {
      const name = isProductionServer(subject) && (await answerOf(subject, SUPERUSER))
      return name ? `${name} may do anything on the server, and row-level security does not hold it` : undefined
    },
  },
  {
    id: 'database.W006',
    about: 'The server may run out of connections',
    hint: 'Lower DB_POOL_SIZE or the number of workers, or raise max_connections',
    async find(subject) {
      const { database, processes, settings } = subject
      if (database?.kind !== 'server') return undefined
      const most = Number(await answerOf(subject, MOST_CONNECTIONS))
      const wanted = processes * (settings.DB_POOL_SIZE + 1) // one of each process only listens
      const who = processes > 1 ? `${processes} processes` : 'A process'
      return wanted > most ? `${who} may take ${wanted} connections, of ${most} that there are` : undefined
    },
  },
  {
    id: 'database.W007',
    about: 'An index is broken, so that it speeds nothing up and keeps nothing unique',
    hint: 'DROP INDEX it or REINDEX it: CREATE INDEX CONCURRENTLY has failed',
    async find(subject) {
      const names = await answerOf(subject, BROKEN_INDEXES)
      return names && `Not valid: ${names}`
    },
  },
]

const BYPASSING = `
  select string_agg(distinct r.rolname, ', ') as answer from pg_roles r
  left join pg_class c on c.relowner = r.oid and c.relrowsecurity
  where r.rolname in ('fastvue_app', 'fastvue_system') and (r.rolsuper or r.rolbypassrls or c.oid is not null)`

const OTHER_ENCODING = `
  select pg_encoding_to_char(encoding)::text as answer from pg_database
  where datname = current_database() and pg_encoding_to_char(encoding) <> 'UTF8'`

const READ_ONLY = `
  select case when pg_is_in_recovery() then 'a replica' else 'read-only' end as answer
  where current_setting('transaction_read_only')::bool`

const UNENCRYPTED_SERVER = `
  select host(inet_server_addr()) as answer from pg_stat_ssl
  where pid = pg_backend_pid() and not ssl and inet_server_addr() is not null
    and not inet_server_addr() <<= any (array['127.0.0.0/8', '::1/128']::inet[])`

const SUPERUSER = `select rolname::text as answer from pg_roles where rolname = session_user and rolsuper`

// What the server keeps for superusers and for reserved roles is not for us.
const MOST_CONNECTIONS = `
  select least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true), '0')::int,
    nullif(datconnlimit, -1), nullif(rolconnlimit, -1))::text as answer
  from pg_database, pg_roles where datname = current_database() and rolname = session_user`

// One that is being made is not valid yet.
const BROKEN_INDEXES = `
  select string_agg(indexrelid::regclass::text, ', ') as answer from pg_index
  where not indisvalid and indexrelid not in (select index_relid from pg_stat_progress_create_index)`

const isProductionServer = ({ production, database }: Subject) => production && database?.kind === 'server'
