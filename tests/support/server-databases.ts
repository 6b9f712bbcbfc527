import pg from 'pg'

const PREFIX = 'fastvue_test_'

/** The server that TEST_DATABASE_URL names, for the same suite on PostgreSQL. */
export const SERVER_URL = process.env['TEST_DATABASE_URL']

/** For tests of the embedded database's folder and process, or of none at all: they would do the same where a server is named. */
export const EMBEDDED = !SERVER_URL

/** The address of another database on that server. */
export function urlOf(database: string): string {
  const url = new URL(SERVER_URL ?? '')
  url.pathname = `/${database}`
  return url.href
}

/** A name that tells which process made the database. */
export const databaseName = (purpose: string): string => `${PREFIX}${purpose}_${process.pid}`

/** Runs one statement that needs a connection of its own, outside any of the test's databases. */
export async function maintain(statement: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: SERVER_URL })
  await client.connect()
  try {
    const { rows } = await client.query<string[]>({ text: statement, rowMode: 'array' })
    return rows.map(([first]) => first ?? '')
  } finally {
    await client.end()
  }
}

/** Drops the databases of this process, and those that killed runs have left behind. */
export async function dropDatabases(): Promise<void> {
  const names = await maintain(`SELECT datname FROM pg_database WHERE datname LIKE '${PREFIX}%'`)
  for (const name of names) {
    const [maker = 0] = /\d+/.exec(name) ?? []
    if (Number(maker) === process.pid || !isAlive(Number(maker)))
      await maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
