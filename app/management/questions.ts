import { type Interface, createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Interrupted } from './interruption.ts'
import type { Streams } from './terminal.ts'

/** Asks a person one question after another. A line that is typed before its question is its answer, as in a shell. */
export class Questions {
  readonly #streams: Pick<Streams, 'stdin' | 'stderr'>
  /** Lines that are typed ahead, and the start of one. */
  readonly #lines: string[] = []
  #begun = ''

  constructor(streams: Pick<Streams, 'stdin' | 'stderr'>) {
    this.#streams = streams
  }

  /**
   * @param question what stands before the answer: `Username:`
   * @throws Interrupted at Ctrl-C and Ctrl-D
   */
  ask(question: string): Promise<string> {
    return this.#answer(question, { hidden: false })
  }

  /** The same for what nobody may see. @throws Interrupted */
  askHidden(question: string): Promise<string> {
    return this.#answer(question, { hidden: true })
  }

  async #answer(question: string, { hidden }: { hidden: boolean }): Promise<string> {
    const { stdin, stderr } = this.#streams
    const ahead = this.#lines.shift()
    if (ahead !== undefined) {
      stderr.write(`${question} ${hidden ? '' : ahead}\n`)
      return ahead
    }
    let echoing = true
    const output = new Writable({
      write(chunk, _encoding, done) {
        if (echoing) stderr.write(chunk)
        done()
      },
    })
    const { columns } = stderr
    const editor = createInterface({
      input: stdin,
      output: Object.assign(output, { columns }),
      terminal: true,
      historySize: 0,
      prompt: `${question} `,
    })
    // One read may bring several lines, a password among them.
    editor.on('line', (line) => {
      this.#lines.push(line)
      echoing = false
    })
    let lineEnded = false
    try {
      editor.prompt()
      echoing = !hidden
      editor.write(this.#begun)
      await nextLine(editor)
      lineEnded = !hidden
      return this.#lines.shift() ?? ''
    } finally {
      if (!lineEnded) stderr.write('\n')
      this.#begun = editor.line
      editor.close() // the terminal is raw only while a question is open: at work, Ctrl-C must be a signal
    }
  }
}

function nextLine(editor: Interface): Promise<void> {
  return new Promise((resolve, reject) => {
    editor.once('line', () => resolve())
    for (const end of ['SIGINT', 'close']) editor.once(end, () => reject(new Interrupted()))
  })
}
