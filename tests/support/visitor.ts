import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

interface Instruction {
  /** Opens a unit of work in a company. */
  begin?: number
  sql?: string
  end?: 'commit' | 'rollback'
}

/** Another process on an embedded database's folder, which does as it is told. */
export class Visitor {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>
  /** What its engine calls itself. */
  readonly label: string

  private constructor(child: ChildProcess, answers: AsyncIterator<string>, label: string) {
    this.#process = child
    this.#answers = answers
    this.label = label
  }

  /** @throws Error with what the process said when it cannot open the folder. */
  static async start(how: 'own' | 'visit', folder: string): Promise<Visitor> {
    const script = join(import.meta.dirname, 'visitor-process.ts')
    const child = spawn(process.execPath, [script, how, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines: Interface = createInterface({ input: child.stdout })
    const answers = lines[Symbol.asyncIterator]()
    const [label] = await read(answers)
    return new Visitor(child, answers, String(label))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** Sends an instruction without waiting for its answer. */
  tell(instruction: Instruction): void {
    this.#process.stdin?.write(`${JSON.stringify(instruction)}\n`)
  }

  /** The answer to the oldest instruction that has none yet. @throws Error the instruction's */
  answer(): Promise<unknown[]> {
    return read(this.#answers)
  }

  async do(instruction: Instruction): Promise<unknown[]> {
    this.tell(instruction)
    return this.answer()
  }

  /** kill -9, and waits until it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  /** Lets it finish what it was told. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.stdin?.end()
    await gone
  }
}

async function read(answers: AsyncIterator<string>): Promise<unknown[]> {
  const { value, done } = await answers.next()
  if (done) throw new Error('The process ended')
  const { rows, error } = JSON.parse(value) as { rows?: unknown[]; error?: string }
  if (error !== undefined) throw new Error(error)
  return rows ?? []
}
