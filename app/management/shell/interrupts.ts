import type { REPLServer } from 'node:repl'
import { clearLine } from '../clear-line.ts'

/**
 * Ctrl-C stops what is being awaited or takes back what was typed, and no more: Node's own prompt ends at the second one
 * on an empty line. Ctrl-D ends it.
 */
export function surviveInterrupts(repl: REPLServer): void {
  const [stopAwaiting] = repl.listeners('SIGINT')
  const displayPrompt = repl.displayPrompt.bind(repl)
  let evaluating = false
  repl.prependListener('line', () => (evaluating = true))
  repl.displayPrompt = (keepCursor) => {
    evaluating = false
    displayPrompt(keepCursor)
  }
  repl.removeAllListeners('SIGINT')
  repl.on('SIGINT', () => {
    if (evaluating) return stopAwaiting?.call(repl)
    clearLine(repl)
    repl.clearBufferedCommand()
    repl.output.write('\n')
    repl.displayPrompt()
  })
}
