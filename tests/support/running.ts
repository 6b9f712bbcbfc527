import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
// For machines that do much else at the same time.
const DEADLINE_MS = 100_000

interface Given {
  env?: NodeJS.ProcessEnv
  /** The project's folder, by default this one. */
  project?: string
  /** Instead of Node, such as `./manage`. */
  program?: string
  /** Gives it a terminal (util-linux's `script`), on which `type` types. */
  terminal?: boolean
}

/** Where this machine can make terminals. */
export const SCRIPT = ['/usr/bin/script', '/bin/script'].find((path) => existsSync(path))

/** One of the project's programs in a process of its own, and what it says on either stream. */
export class Running {
  readonly #child: ChildProcess
  readonly #heard = new EventEmitter()
  readonly #ended: Promise<number | NodeJS.Signals>
  #unread = ''
  /** Everything it said, and on which stream. */
  output = ''
  readonly stdout: string[] = []
  readonly stderr: string[] = []

  constructor(argv: string[], { env = {}, project = root, program = process.execPath, terminal = false }: Given = {}) {
    const [first = '', ...rest] = terminal ? onTerminal([program, ...argv]) : [program, ...argv]
    this.#child = spawn(first, rest, { cwd: project, env: { PATH: process.env['PATH'], ...env } })
    for (const name of ['stdout', 'stderr'] as const)
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name].push(text)
        this.output += text
        this.#unread += text
        this.#heard.emit('text')
      })
    this.#ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
    void this.#ended.then(() => this.#heard.emit('text'))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Waits until it says something, after what was waited for before. @throws Error when it ends without. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(DEADLINE_MS)
    for (;;) {
      const found = pattern.exec(this.#unread)
      if (found) {
        this.#unread = this.#unread.slice(found.index + found[0].length)
        return found
      }
      if (this.#child.stdout?.closed || deadline.aborted) throw new Error(`Not said: ${pattern}\n${this.output}`)
      await once(this.#heard, 'text', { signal: deadline }).catch(() => {})
    }
  }

  /** The address, once it has said it. */
  async url(): Promise<string> {
    const [url] = await this.said(/http:\/\/localhost:\d+/)
    return url
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits for its end. @returns the exit code, or the signal that killed it */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#ended
  }

  /** Makes sure that it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGTERM')
    const killer = setTimeout(() => this.signal('SIGKILL'), DEADLINE_MS)
    await this.#ended
    clearTimeout(killer)
  }
}

// The shell between them must not stay: a Ctrl-C would be its own, too.
const onTerminal = (command: string[]): string[] => {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  // At Ctrl-C a terminal throws away what is on its way to the screen, and that may be the answer to it.
  return [SCRIPT ?? 'script', '-qefc', `stty noflsh; exec ${quoted.join(' ')}`, '/dev/null']
}

/** A folder of its own, and the environment of a server in it. */
export function serverFolder() {
  const { path, remove } = temporaryFolder()
  return { path, env: serverEnv(path), database: join(path, 'db'), [Symbol.dispose]: remove }
}

/** The environment of a server that keeps everything in a folder, on any port that is free. */
export const serverEnv = (folder: string) => ({
  ENVIRONMENT: 'test',
  SECRET_KEY: 'a key for tests alone, never for a server',
  DATABASE_URL: `file:${join(folder, 'db')}`,
  LOG_DIR: join(folder, 'logs'),
  RATE_LIMIT_ENABLED: 'false',
  PORT: '0',
})
