import pg from 'pg'
import { OperatorError } from '../core/operator-error.ts'
import { DatabaseUnavailable } from './open.ts'

type Row = Record<string, unknown>
type Run = (text: string, values?: unknown[]) => Promise<Row[]>

// No such database; no right to connect; no line for it in pg_hba.conf; it takes no connections at the moment.
const CLOSED = ['3D000', '42501', '28000', '55000']

/**
 * Runs `work` on a connection to the server's own database, from where others are created and dropped: `postgres` or,
 * where that is not there or not for this role, `template1`. @throws DatabaseUnavailable, OperatorError
 */
export async function onServer<R>(url: string, work: (run: Run) => Promise<R>): Promise<R> {
  const client = await connect(url, 'postgres').catch((error: DatabaseUnavailable) => {
    if (!CLOSED.includes(codeWithin(error.cause))) throw error
    return connect(url, 'template1').catch(() => Promise.reject(error))
  })
  return use(client, work)
}

/** Runs `work` on a connection to one database of the server. @throws DatabaseUnavailable, OperatorError */
export async function onDatabase<R>(url: string, name: string, work: (run: Run) => Promise<R>): Promise<R> {
  return use(await connect(url, name), work)
}

/** Where the address leads, with the driver's own defaults. @throws DatabaseUnavailable for one that is none */
export function readAddress(url: string): pg.Client {
  try {
    if (!URL.canParse(url)) throw new Error('Invalid URL') // the driver takes some that are none
    return new pg.Client({ connectionString: url })
  } catch (error) {
    throw unavailable(error)
  }
}

// An address cannot hold every name ("?", "#", ".."), and the driver prefers it to what stands beside it.
async function connect(url: string, database: string): Promise<pg.Client> {
  const { host, port, user, password, ssl } = readAddress(url)
  const options = new URL(url).searchParams.get('options') ?? undefined
  const client = new pg.Client({ host, port, user, password, ssl, database, options, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {}) // it was cut; the statement that it was for tells
  try {
    await client.connect()
    return client
  } catch (error) {
    throw unavailable(error)
  }
}

async function use<R>(client: pg.Client, work: (run: Run) => Promise<R>): Promise<R> {
  const run: Run = async (text, values) => {
    try {
      return (await client.query<Row>(text, values)).rows
    } catch (error) {
      throw new OperatorError(explain(error), { cause: error })
    }
  }
  try {
    return await work(run)
  } finally {
    await client.end()
  }
}

/** PostgreSQL's code of an error or of what caused it, else ''. */
export function codeWithin(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'code' in error ? String(error.code) : codeWithin(error.cause)
}

function explain(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return error instanceof Error ? error.message : String(error)
  const { message, detail, hint } = error
  return [message, detail, hint]
    .filter((part) => part)
    .join('; ')
    .replaceAll(/\s+/g, ' ')
}

const unavailable = (error: unknown) =>
  new DatabaseUnavailable(`Cannot connect to the database (DATABASE_URL): ${explain(error) || 'no answer'}`, {
    cause: error,
  })
