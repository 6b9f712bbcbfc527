import pg from 'pg'
import { OperatorError } from '../core/operator-error.ts'
import type { CreateOptions, DatabaseFacts, DatabasePlace } from './database-place.ts'
import { checkIdentifier } from './identifier.ts'
import { codeWithin, onDatabase, onServer, readAddress } from './maintenance.ts'

// The server needs these.
const NEVER_DROPPED = ['postgres', 'template0', 'template1']
// Somebody else made it at this moment: duplicate_database, or the index of their names (unique_violation).
const RACES = ['42P04', '23505']
// PostgreSQL's mark of a database that it was dropping when it was stopped; all that can be done is to drop it again.
const HALF_DROPPED = -2
const SHOWN = 3

/** A database on a PostgreSQL server: the one of the address, or another one there. @throws OperatorError */
export function serverPlace(url: string, wanted?: string): DatabasePlace {
  const { host, port, database = '' } = readAddress(url)
  const name = checkIdentifier("database's name", wanted ?? database)
  return {
    name,
    at: `${host}:${port}`,
    look: () => look(url, name),
    assertCreatable: () => assertCreatable(url),
    create: (options = {}) => create(url, name, options),
    async drop() {
      if (!(await look(url, name))) return false
      await onServer(url, (run) => run(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`))
      return true
    },
  }
}

async function look(url: string, name: string): Promise<boolean> {
  if (NEVER_DROPPED.includes(name)) throw new OperatorError(`The database "${name}" belongs to PostgreSQL itself`)
  const [found] = await onServer(url, (run) => run('SELECT datconnlimit FROM pg_database WHERE datname = $1', [name]))
  if (!found) return false
  if (found['datconnlimit'] !== HALF_DROPPED) await assertOurs(url, name)
  return true
}

/** What a person may drop by a slip of a name: only what FastVue has migrated, or what is empty. @throws OperatorError */
async function assertOurs(url: string, name: string): Promise<void> {
  const rows = await onDatabase(url, name, (run) => run(RELATIONS))
  if (rows.length === 0 || rows.some((row) => row['is_record'])) return
  const names = rows.slice(0, SHOWN).map((row) => row['name'])
  const more = rows.length > SHOWN ? ` and ${rows.length - SHOWN} more` : ''
  throw new OperatorError(
    `The database "${name}" is not FastVue's: it has ${names.join(', ')}${more}, and no fastvue_migrations; only psql drops it`,
  )
}

async function assertCreatable(url: string): Promise<void> {
  const [row] = await onServer(url, (run) =>
    run('SELECT rolname, rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user'),
  )
  if (!row?.['may'])
    throw new OperatorError(`The role "${String(row?.['rolname'])}" may not create databases (CREATEDB)`)
}

async function create(url: string, name: string, options: CreateOptions): Promise<DatabaseFacts> {
  const statement = createStatement(name, options)
  return onServer(url, async (run) => {
    const isThere = (await run(FACTS, [name])).length > 0
    const created = !isThere && (await createFirst(() => run(statement)))
    const [found] = await run(FACTS, [name])
    if (!found) throw new OperatorError(`The database "${name}" was dropped again at this moment`)
    return { created, owner: String(found['owner']), encoding: String(found['encoding']) }
  })
}

/** @returns false when somebody else was first */
async function createFirst(make: () => Promise<unknown>): Promise<boolean> {
  try {
    await make()
    return true
  } catch (error) {
    if (RACES.includes(codeWithin(error))) return false
    throw error
  }
}

// Any encoding can be made of template0; template1 may have got things of its own.
function createStatement(name: string, { owner, encoding = 'UTF8', template = 'template0' }: CreateOptions): string {
  const quoted = (what: string, value: string) => pg.escapeIdentifier(checkIdentifier(what, value))
  const text = pg.escapeLiteral(checkIdentifier('encoding', encoding))
  return [
    `CREATE DATABASE ${quoted("database's name", name)}`,
    owner !== undefined && `OWNER ${quoted("owner's name", owner)}`,
    `ENCODING ${text} TEMPLATE ${quoted("template's name", template)}`,
  ]
    .filter((part) => part !== false)
    .join(' ')
}

const FACTS = `
  SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding
  FROM pg_database WHERE datname = $1`

// Everything that can have rows or show them, but for what an extension brought. `to_regclass` as in migration-record.ts.
const RELATIONS = `
  SELECT nspname || '.' || relname AS name, (c.oid = to_regclass('fastvue_migrations')) IS TRUE AS is_record
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  ORDER BY 1`
