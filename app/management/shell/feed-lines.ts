import { createInterface } from 'node:readline'
import type { REPLServer } from 'node:repl'
import type { Readable, Writable } from 'node:stream'

/**
 * Gives a prompt the lines of a pipe one by one, each when the one before is done: only on a terminal does Node's own
 * prompt wait for an `await`. Its way to say that it is done is to ask for the next line.
 */
export async function feedLines(source: Readable, input: Writable, repl: REPLServer): Promise<void> {
  const lines = createInterface({ input: source })
  repl.once('exit', () => lines.close())
  for await (const line of lines) {
    const { promise, resolve } = Promise.withResolvers<void>()
    repl.displayPrompt = () => resolve()
    input.write(`${line}\n`)
    await promise
  }
  input.end()
}
