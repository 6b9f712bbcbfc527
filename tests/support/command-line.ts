import { PassThrough } from 'node:stream'
import type { Settings } from '../../app/core/config.ts'
import type { Engine } from '../../app/db/engine.ts'
import { runManage } from '../../app/management/run.ts'
import { testSettings } from './settings.ts'

interface Given {
  engine?: Engine
  settings?: Settings | (() => Settings)
  env?: NodeJS.ProcessEnv
  /** What is piped in. */
  stdin?: string
  /** Makes it a terminal, where somebody answers: each answer is typed once its question is on the screen. */
  answers?: [question: string, answer: string][]
}

/** Runs a management command in this process. */
export async function manage(argv: string[], { engine, settings, env = {}, stdin = '', answers }: Given = {}) {
  const tty = answers !== undefined
  const streams = { stdin: stream(tty), stdout: stream(), stderr: stream(tty), env }
  const stdout = collect(streams.stdout)
  const stderr = collect(streams.stderr)
  if (answers) type(answers, streams)
  else streams.stdin.end(stdin)
  const load = typeof settings === 'function' ? settings : () => settings ?? testSettings()
  const code = await runManage(argv, { streams, settings: load, database: engine })
  return { code, stdout: stdout(), stderr: stderr() }
}

/** Like the process's own streams, one of these cannot be ended by whoever writes to it. */
function stream(isTTY = false): PassThrough & { isTTY: boolean } {
  const made = Object.assign(new PassThrough(), { isTTY })
  return isTTY ? Object.assign(made, { end: () => made }) : made
}

function collect(from: PassThrough): () => string {
  let text = ''
  from.on('data', (chunk) => (text += chunk))
  return () => text
}

function type(answers: [string, string][], { stdin, stderr }: { stdin: PassThrough; stderr: PassThrough }): void {
  const waiting = [...answers]
  let screen = ''
  stderr.on('data', (chunk) => {
    screen += chunk
    const [question, answer] = waiting[0] ?? []
    if (question === undefined || !screen.includes(question)) return
    waiting.shift()
    screen = ''
    setImmediate(() => stdin.write(`${answer}\n`))
  })
}
