import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { type Socket, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { clientMessages, errorResponse, isComplete } from './wire.ts'
import type { Turns } from './turns.ts'

// A unix socket's path may have 107 bytes on Linux and 103 on macOS; PostgreSQL's clients want this name in a folder.
const LONGEST = 103
const NAME = '.s.PGSQL.5432'
// As `idle_in_transaction_session_timeout` on a server: a client that sleeps in a transaction stops everybody.
const IDLE_IN_TRANSACTION_MS = 10_000
/** PGlite has one session for everybody: what somebody sets must not outlive their turn. */
export const LEAVE_SESSION = 'RESET ROLE; RESET ALL'

/** Where a folder's database is shared: in the folder, or under the temporary folder when its path is too long for a socket. */
export function socketPath(folder: string): { directory: string; file: string } {
  const short = join(tmpdir(), `fastvue-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`)
  const directory = Buffer.byteLength(join(folder, NAME)) <= LONGEST ? folder : short
  return { directory, file: join(directory, NAME) }
}

/** Whether a process shares the folder's database at this moment. */
export async function isShared(folder: string): Promise<boolean> {
  const socket = connect(socketPath(folder).file)
  const answered = await once(socket, 'connect').then(
    () => true,
    () => false, // there is no socket, or nobody behind it
  )
  socket.destroy()
  return answered
}

/**
 * Lets other processes of this user use the database through a unix socket, while this one has it open.
 * `onForeignWork` is called after each of their units of work: the NOTIFYs of those go to them, not to this process.
 */
export async function shareOnSocket(
  lite: PGlite,
  turns: Turns,
  folder: string,
  onForeignWork: () => void,
): Promise<{ close(): Promise<void> }> {
  const { directory, file } = socketPath(folder)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700) // fails where another user made the folder first
  rmSync(file, { force: true }) // left by a killed process: the folder's lock says that nobody serves it
  const clients = new Map<Socket, Promise<void>>()
  const server = createServer((socket) => {
    const served = serve(socket, lite, turns, onForeignWork).finally(() => clients.delete(socket))
    clients.set(socket, served)
  }).listen(file)
  await once(server, 'listening')
  return {
    async close() {
      server.close()
      for (const socket of clients.keys()) socket.destroy()
      await Promise.all(clients.values())
      if (directory !== folder) rmSync(directory, { recursive: true })
    },
  }
}

/**
 * One client, from its first message to its last. It has the database to itself from the first message of a unit of work
 * until it is between transactions: a command's statement must never run inside a request's transaction, in that
 * request's company.
 */
async function serve(socket: Socket, lite: PGlite, turns: Turns, onForeignWork: () => void): Promise<void> {
  let done: (() => void) | undefined
  let idle: NodeJS.Timeout | undefined
  const onRawData = (data: Uint8Array) => void socket.write(Buffer.from(data)) // a copy: PGlite uses its memory again
  const leave = async () => {
    await lite.exec(LEAVE_SESSION)
    onForeignWork()
    done?.()
    done = undefined
  }
  socket.on('error', () => {}) // the loop below ends with it
  try {
    for await (const message of clientMessages(socket)) {
      clearTimeout(idle)
      done ??= await turns.take()
      await lite.runExclusive(() => lite.execProtocolRawStream(message, { onRawData }))
      if (isComplete(message) && !lite.isInTransaction()) await leave()
      else idle = setTimeout(() => socket.destroy(), IDLE_IN_TRANSACTION_MS)
    }
  } catch (error) {
    if (socket.writable) socket.write(errorResponse(error))
  } finally {
    clearTimeout(idle)
    socket.end()
    if (done) await rollBack(lite).then(leave)
  }
}

/** Ends the transaction of a client that vanished. After an error PostgreSQL ignores the first: it waits for a Sync, which `exec` sends. */
async function rollBack(lite: PGlite): Promise<void> {
  await lite.exec('ROLLBACK')
  await lite.exec('ROLLBACK')
}
