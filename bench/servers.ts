import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'

/** A server in a process of its own. */
export interface RunningServer {
  url: string
  /** From spawn to listening. */
  startMs: number
  memoryMb(): number
  /** Sends a message and waits for the answer. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

/** Starts a script that listens on `PORT` and then says so to its parent. @throws Error when it ends before that. */
export async function startServer(script: string, env: Record<string, string>): Promise<RunningServer> {
  const port = await freePort()
  const started = performance.now()
  const child = fork(resolve(import.meta.dirname, '..', script), {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await listening(child, script)
  return {
    url: `http://127.0.0.1:${port}`,
    startMs: performance.now() - started,
    memoryMb: () => residentKb(child.pid) / 1024,
    async ask(message) {
      child.send(message)
      return (await once(child, 'message'))[0]
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function listening(child: ChildProcess, script: string): Promise<void> {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${script} ended before it listened`)
  })
  await Promise.race([once(child, 'message'), ended])
  ended.catch(() => {})
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Of Linux's own accounts; 0 elsewhere. */
function residentKb(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}
