import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { PGlite, types } from '@electric-sql/pglite'
import { Histogram } from '../core/metrics/histogram.ts'
import type { Connection, Engine, Listener } from './engine.ts'
import { FolderInUse, lockFolder } from './folder-lock.ts'
import { openServer } from './server.ts'
import { isShared, shareOnSocket, socketPath } from './socket.ts'
import { Turns } from './turns.ts'
import { PARSERS } from './types.ts'

// Longer than a first start takes.
const PATIENCE_MS = 15_000
// Longer than a command takes that came before a server.
const SERVER_PATIENCE_MS = 5000
const parsers = { ...PARSERS, [types.JSONB]: JSON.parse, [types.JSON]: JSON.parse }

/**
 * PostgreSQL inside this process on a folder (or in memory when there is none). One process at a time may have the
 * folder open, which `lockFolder` enforces; that process shares it on a unix socket in the folder.
 * @throws FolderInUse when another process has it open.
 */
export async function openEmbedded(folder: string | undefined, loadDataDir?: Blob): Promise<Engine> {
  if (folder) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = folder ? lockFolder(folder) : undefined
  try {
    const lite = await PGlite.create({ ...(folder && { dataDir: join(folder, 'data') }), parsers, loadDataDir })
    await lite.exec(`SET TIME ZONE 'UTC'`)
    const turns = new Turns()
    const listeners = new Set<() => void>()
    const notifyAll = () => listeners.forEach((onMissed) => onMissed())
    const share = folder ? await shareOnSocket(lite, turns, folder, notifyAll) : undefined
    return {
      kind: 'embedded',
      label: folder ? `embedded in ${folder}` : 'embedded in memory',
      pipelines: false,
      durations: new Histogram(),
      load: () => ({ used: turns.taken ? 1 : 0, idle: turns.taken ? 0 : 1, waiting: turns.waiting }),
      connect: () => borrow(lite, turns),
      async listen(channel, onNotice, onMissed) {
        const stop = await turns.run(() => lite.listen(channel, onNotice))
        listeners.add(onMissed)
        return {
          isCurrent: () => !lite.closed,
          caughtUp: async () => {}, // PGlite tells before a statement returns
          async close() {
            listeners.delete(onMissed)
            if (!lite.closed) await turns.run(() => stop())
          },
        }
      },
      async close() {
        await share?.close()
        await turns.run(() => lite.close())
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** Whether there is a database in a folder already. */
export const isMade = (folder: string): boolean => existsSync(join(folder, 'data', 'PG_VERSION'))

/**
 * The embedded database of a folder for a server, which needs it for itself. Waits for a process that is about to let go.
 * @throws FolderInUse when that does not within 5 s.
 */
export const openOwnEmbedded = (folder: string): Promise<Engine> => openOnceFree(folder, SERVER_PATIENCE_MS)

/** Announcements stay in the process that has the database: nothing that another one remembers can be believed. */
const DEAF: Listener = { isCurrent: () => false, caughtUp: async () => {}, close: async () => {} }

/**
 * The embedded database of a folder: opened here or, while another process has it open, reached through its socket.
 * Waits for a process that is about to open or to close it.
 * @throws FolderInUse when the process that has it does not answer within 15 s.
 */
export const openOrReachEmbedded = (folder: string): Promise<Engine> =>
  openOnceFree(folder, PATIENCE_MS, async ({ pid }) => ((await isShared(folder)) ? reach(folder, pid) : undefined))

/** Tries until the folder is free, `instead` has something else, or patience is over (milliseconds). @throws FolderInUse */
async function openOnceFree(
  folder: string,
  patience: number,
  instead?: (inUse: FolderInUse) => Promise<Engine | undefined>,
): Promise<Engine> {
  for (const deadline = performance.now() + patience; ; await setTimeout(50)) {
    try {
      return await openEmbedded(folder)
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error
      const other = await instead?.(error)
      if (other) return other
      if (performance.now() > deadline) throw error
    }
  }
}

function reach(folder: string, pid: string): Engine {
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(socketPath(folder).directory)}&port=5432`
  const label = `embedded in ${folder}, open in process ${pid}`
  const engine = openServer({ url, poolSize: 1, prepare: false, kind: 'embedded', label })
  return { ...engine, listen: async () => DEAF }
}

/** The one connection, in turns: a unit of work has it from its first statement to its end. */
async function borrow(lite: PGlite, turns: Turns): Promise<Connection> {
  const done = await turns.take()
  let last: Promise<unknown> = Promise.resolve()
  // PGlite takes a call after the other, but a statement and what goes before it are several: another one's must not come between.
  const inOrder = <R>(work: () => Promise<R>): Promise<R> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
  return {
    query: ({ text, rowMode }, values, before = []) =>
      inOrder(async () => {
        for (const statement of before) await lite.query(statement.text, statement.values)
        const { rows, affectedRows } = await lite.query<Record<string, unknown>>(text, values, { rowMode })
        return { rows, rowCount: affectedRows || rows.length } // PGlite counts no SELECT
      }),
    script: (sql) => inOrder(async () => void (await lite.exec(sql))),
    end: (how) => inOrder(async () => void (await lite.exec(how))),
    release: () => void last.then(done),
  }
}
