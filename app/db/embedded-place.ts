import { existsSync, lstatSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OperatorError } from '../core/operator-error.ts'
import type { CreateOptions, DatabaseFacts, DatabasePlace } from './database-place.ts'
import { isMade } from './embedded.ts'
import { FolderInUse, lockFolder } from './folder-lock.ts'
import { checkIdentifier } from './identifier.ts'
import { openDatabase } from './open.ts'
import { socketPath } from './socket.ts'

const OWN_FILES = /^(data|lock|lock-journal|pid|\.s\.PGSQL\.5432)$/
// What PostgreSQL keeps in a data folder (https://www.postgresql.org/docs/current/storage-file-layout.html), but for
// postmaster.opts: only a server starts with options.
const POSTGRES_FILES = /^(PG_VERSION|base|global|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf|postmaster\.pid)$/

/** An embedded database: the one of the settings, or another one in a folder beside it. @throws OperatorError */
export function embeddedPlace(configured: string, wanted?: string): DatabasePlace {
  const folder = wanted === undefined ? configured : join(dirname(configured), checkFolderName(wanted))
  return {
    name: basename(folder),
    at: folder,
    look: () => tidy(() => look(folder)),
    assertCreatable: async () => {},
    create: (options = {}) => tidy(() => create(folder, options)),
    drop: () => tidy(() => drop(folder)),
  }
}

/** What the operating system refuses is for the person to mend. @throws OperatorError */
async function tidy<R>(work: () => R | Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperatorError || !(error instanceof Error && 'code' in error)) throw error
    throw new OperatorError(error.message, { cause: error })
  }
}

function checkFolderName(name: string): string {
  if (/[/\\]|^\.{1,2}$/.test(name))
    throw new OperatorError(`"${name}" is no name of a folder beside the embedded database`)
  return checkIdentifier("database's name", name)
}

function look(folder: string): boolean {
  if (!isMade(folder)) return false
  hold(folder).release()
  return true
}

/** Removes the database while nobody else can open it. Whatever else is in the folder stays, and with it the folder. */
function drop(folder: string): boolean {
  if (!isMade(folder)) return false
  const held = hold(folder)
  try {
    removeData(join(folder, 'data'))
    rmSync(socketPath(folder).file, { force: true })
    rmSync(join(folder, 'pid'), { force: true })
  } finally {
    // Its file stays: whoever waits for the lock may have it open already, and a new file would let in another one besides.
    held.release()
  }
  return true
}

/** Its mark goes last: what a killed process has left can be dropped again. */
function removeData(data: string): void {
  for (const name of readdirSync(data)) if (name !== 'PG_VERSION') rmSync(join(data, name), { recursive: true })
  rmSync(data, { recursive: true })
}

/**
 * Takes a database's lock, once everything looks as this program leaves it: nothing is removed by a wrong path.
 * @throws OperatorError saying what does not look so, or which process has it open
 */
function hold(folder: string): { release(): void } {
  const data = join(folder, 'data')
  const refuse = (what: string) => new OperatorError(`${folder} is not removed: ${what}`)
  for (const path of [folder, data])
    if (lstatSync(path).isSymbolicLink()) throw refuse(`${path} is a symbolic link; name the folder that it leads to`)
  if (!lstatSync(join(folder, 'lock'), { throwIfNoEntry: false })?.isFile())
    throw refuse('it has no lock, so FastVue never opened it')
  const foreign = readdirSync(data).find((name) => !POSTGRES_FILES.test(name))
  if (foreign !== undefined) throw refuse(`data/${foreign} is not of an embedded database`)
  if (isServerOn(data)) throw refuse('data is in use by a PostgreSQL server')
  try {
    return lockFolder(folder)
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error
    throw new OperatorError(`The embedded database ${error.message}; stop that process first`, { cause: error })
  }
}

/** A server writes its process's id there, the embedded database one that no process has: -42. */
function isServerOn(data: string): boolean {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) && !readFileSync(file, 'utf8').startsWith('-')
}

async function create(folder: string, options: CreateOptions): Promise<DatabaseFacts> {
  refuseOptions(options)
  const created = !isMade(folder)
  if (created) {
    assertFree(folder)
    await (await openDatabase({ DATABASE: { kind: 'embedded', path: folder }, DB_POOL_SIZE: 1 })).close()
  }
  return { created, owner: 'postgres', encoding: 'UTF8' }
}

function refuseOptions({ owner = 'postgres', encoding = 'UTF8', template }: CreateOptions): void {
  if (owner !== 'postgres') throw new OperatorError('An embedded database has one owner, postgres')
  if (!/^utf-?8$/i.test(encoding)) throw new OperatorError('An embedded database has one encoding, UTF8')
  if (template !== undefined) throw new OperatorError('An embedded database is made without a template')
}

function assertFree(folder: string): void {
  const foreign = existsSync(folder) && readdirSync(folder).find((name) => !OWN_FILES.test(name))
  if (foreign) throw new OperatorError(`${folder} is no place for a database: it has ${foreign} in it`)
}
