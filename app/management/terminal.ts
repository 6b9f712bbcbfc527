import { text as readAll } from 'node:stream/consumers'
import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { CommandError } from './command-error.ts'
import { Questions } from './questions.ts'

/** Where a command reads and writes. Tests hand in their own streams. */
export interface Streams {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
  env: NodeJS.ProcessEnv
}

/** What is wrong with an answer; undefined when it will do. */
export type FaultOf = (answer: string) => string | undefined

// A bar for less would be gone before anybody has seen it.
const WORTH_A_BAR = 3000

/** What a command says and asks. With `--json` data goes to stdout and talk to stderr. */
export class Terminal {
  readonly streams: Streams
  readonly json: boolean
  /** Whether a person sits there who can answer. */
  readonly interactive: boolean
  /** Whether output may have colours (https://no-color.org). */
  readonly colour: boolean
  readonly #questions: Questions

  constructor(streams: Streams, json: boolean) {
    this.streams = streams
    this.json = json
    this.#questions = new Questions(streams)
    this.interactive = streams.stdin.isTTY === true && streams.stderr.isTTY === true
    this.colour = streams.stdout.isTTY === true && !streams.env['NO_COLOR'] && !json
  }

  /** A line for people: what happens, what happened. */
  say(line = ''): void {
    ;(this.json ? this.streams.stderr : this.streams.stdout).write(`${line}\n`)
  }

  /** A line about something that is not right, though the command goes on. */
  warn(line: string): void {
    this.streams.stderr.write(`${this.paint('yellow', 'Warning:')} ${line}\n`)
  }

  /** The command's result: as JSON for machines, else as `render` has it. */
  show(data: unknown, render: () => string): void {
    this.streams.stdout.write(`${this.json ? JSON.stringify(data) : render()}\n`)
  }

  table(head: string[], rows: unknown[][]): string {
    const table = new Table({ head, style: this.colour ? { head: ['cyan'] } : { head: [], border: [] } })
    table.push(...rows.map((row) => row.map(String)))
    return table.toString()
  }

  paint(style: Parameters<typeof styleText>[0], text: string): string {
    return this.colour ? styleText(style, text, { validateStream: false }) : text
  }

  /**
   * Runs long work, and shows on a terminal how far it is, how fast, and how long it will take.
   * @param total how many steps there are
   */
  async progress<R>(what: string, total: number, work: (onProgress: (done: number) => void) => Promise<R>): Promise<R> {
    const { stderr } = this.streams
    if (!stderr.isTTY || total < WORTH_A_BAR) return work(() => {})
    const format = `${what} [{bar}] {value}/{total} · {rate}/s · {eta_formatted} left`
    const bar = new SingleBar({ format, stream: stderr, hideCursor: true })
    const start = performance.now()
    bar.start(total, 0, { rate: 0 })
    try {
      return await work((done) => bar.update(done, { rate: Math.round(done / ((performance.now() - start) / 1000)) }))
    } finally {
      bar.stop()
    }
  }

  /**
   * An answer given by flag, or asked for on a terminal, again until `faultOf` finds none.
   * @param question as it stands before the answer: `Username:`
   * @throws CommandError for a given answer with a fault, or naming the flag where nobody can answer
   */
  async ask(
    given: string | undefined,
    flag: string,
    question: string,
    faultOf: FaultOf = () => undefined,
  ): Promise<string> {
    if (given !== undefined) return checked(given, flag, faultOf)
    const questions = this.#asking(flag)
    return this.#untilRight(() => questions.ask(question), faultOf)
  }

  /** What is not yes is no. @throws CommandError naming the flag where nobody can answer */
  async confirm(question: string, flag: string): Promise<boolean> {
    return /^y(es)?$/i.test((await this.#asking(flag).ask(`${question} (y/N)`)).trim())
  }

  /**
   * A password: by flag, by `FASTVUE_PASSWORD`, from stdin, or typed twice and hidden. Never printed.
   * @param whose goes into the question, where it is not plain
   * @throws CommandError for a given one with a fault, or where nobody can answer
   */
  async askPassword(
    given: string | undefined,
    fromStdin: boolean,
    faultOf: FaultOf = () => undefined,
    whose = '',
  ): Promise<string> {
    const fromEnvironment = this.streams.env['FASTVUE_PASSWORD']
    if (given !== undefined) return checked(given, '--password', faultOf)
    if (fromEnvironment !== undefined) return checked(fromEnvironment, 'FASTVUE_PASSWORD', faultOf)
    if (fromStdin) return checked(await this.#firstLine(), '--password-stdin', faultOf)
    const questions = this.#asking('--password, --password-stdin or FASTVUE_PASSWORD')
    for (;;) {
      const first = await this.#untilRight(() => questions.askHidden(`Password${whose}:`), faultOf)
      if (first === (await questions.askHidden('Password (again):'))) return first
      this.warn('The two passwords differ')
    }
  }

  async #untilRight(ask: () => Promise<string>, faultOf: FaultOf): Promise<string> {
    for (;;) {
      const answer = await ask()
      const fault = faultOf(answer)
      if (fault === undefined) return answer
      this.warn(fault)
    }
  }

  async #firstLine(): Promise<string> {
    return (await readAll(this.streams.stdin)).split(/\r?\n/, 1)[0] ?? ''
  }

  #asking(flag: string): Questions {
    if (this.interactive) return this.#questions
    throw new CommandError(`There is no terminal to ask on: give ${flag}`)
  }
}

function checked(answer: string, name: string, faultOf: FaultOf): string {
  const fault = faultOf(answer)
  if (fault !== undefined) throw new CommandError(`${name}: ${fault}`)
  return answer
}
