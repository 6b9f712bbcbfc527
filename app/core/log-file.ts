import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

// A system call per line would cost more than the line; a second is what a reader of the log waits.
const GATHERED_CHARACTERS = 4096
const GATHERED_MS = 1000
// JSON leaves these as they are, and readers of logs take some for the end of a line, terminals some for commands.
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/
const EACH_CONTROL = new RegExp(CONTROLS, 'g')

/**
 * A file that lines of JSON are appended to, several in one write. Once it is open it throws no more: where a disk is full, the
 * service goes on without its log, and `tell` hears of it, once until it works again.
 */
export class LogFile {
  readonly #path: string
  readonly #tell: (line: string) => void
  readonly #timer = setInterval(() => this.flush(), GATHERED_MS).unref()
  readonly #atExit = () => this.flush()
  #file: number
  #gathered = ''
  #failing = false

  /** @throws Error when it cannot be opened */
  constructor(path: string, tell: (line: string) => void) {
    this.#path = path
    this.#tell = tell
    this.#file = open(path)
    process.on('exit', this.#atExit)
  }

  write(line: string): void {
    this.#gathered += CONTROLS.test(line) ? line.replaceAll(EACH_CONTROL, escaped) : line
    if (this.#gathered.length >= GATHERED_CHARACTERS) this.flush()
  }

  /** Writes what is still in memory. */
  flush(): void {
    const text = this.#gathered
    this.#gathered = ''
    if (text !== '') this.#try(() => writeFileSync(this.#file, text))
  }

  /** Opens the file of its path anew; what came before is in the one that had it. */
  reopen(): void {
    this.flush()
    this.#try(() => {
      const before = this.#file
      this.#file = open(this.#path)
      closeSync(before)
    })
  }

  close(): void {
    clearInterval(this.#timer)
    process.off('exit', this.#atExit)
    this.flush()
  }

  #try(work: () => void): void {
    try {
      work()
      this.#failing = false
    } catch (error) {
      if (!this.#failing)
        this.#tell(`${this.#path}: ${(error as Error).message}; lines are lost until it can be written`)
      this.#failing = true
    }
  }
}

const escaped = (control: string) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a')
}
