import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Engine } from '../../db/engine.ts'
import { clearLine } from '../clear-line.ts'
import { Interrupted } from '../interruption.ts'
import type { Terminal } from '../terminal.ts'
import { SqlSession } from './sql-session.ts'

const VIEWS = {
  embedded: "A superuser's view: every company's rows, with no row-level security in the way.",
  server: 'The view of the role that connects, in no company.',
}
const GREETING = `
Statements end with ";" and are committed at once. From BEGIN on they wait for your COMMIT and then run as one: nothing is
held while you think (the socket cuts off a client that sleeps in a transaction after 10 s).
\\d lists tables, \\d NAME columns, \\q leaves.
`

/** Runs one text of SQL up to its first error. @returns the exit code */
export async function runCommand(engine: Engine, terminal: Terminal, sql: string): Promise<number> {
  const session = new SqlSession(engine, terminal)
  return (await session.read(sql)) && (await session.finish()) ? 0 : 1
}

/** Runs what is piped in, each statement when its line has come. @returns 1 when one of them failed */
export async function runPiped(engine: Engine, terminal: Terminal): Promise<number> {
  const session = new SqlSession(engine, terminal)
  let good = true
  for await (const line of createInterface({ input: terminal.streams.stdin })) {
    if (session.isGoodbye(line)) break
    good = (await session.read(line)) && good
  }
  return (await session.finish()) && good ? 0 : 1
}

/** A prompt for a person, until they leave. Ctrl-C takes back what is typed. @throws Interrupted for Ctrl-C where nothing is */
export async function runPrompt(engine: Engine, terminal: Terminal, historyFile: string): Promise<void> {
  const { stdin, stderr } = terminal.streams
  stderr.write(`${engine.label}\n${VIEWS[engine.kind]}${GREETING}`)
  const session = new SqlSession(engine, terminal)
  const history = readHistory(historyFile)
  const prompt = createInterface({ input: stdin, output: stderr, terminal: true, history, historySize: 1000 })
  prompt.on('history', (lines: string[]) => keepHistory(historyFile, lines))
  const ask = () => {
    prompt.setPrompt(session.prompt)
    prompt.prompt()
  }
  const interruption = Promise.withResolvers<never>()
  prompt.on('SIGINT', () => {
    if (prompt.line === '' && !session.open) return interruption.reject(new Interrupted())
    session.discard()
    clearLine(prompt)
    ask()
  })
  const converse = async () => {
    ask()
    for await (const line of prompt) {
      if (session.isGoodbye(line)) return
      await session.read(line)
      ask()
    }
    stderr.write('\n') // Ctrl-D leaves the prompt's own line open
  }
  try {
    await Promise.race([interruption.promise, converse()])
  } finally {
    prompt.close()
  }
}

// Without a history it is still a prompt.
function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

/** What was typed, for the next time; readable by its owner alone. */
function keepHistory(file: string, lines: string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  } catch {}
}
