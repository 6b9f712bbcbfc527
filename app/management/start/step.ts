import type { Terminal } from '../terminal.ts'

/** Does one step of a start, and says in one line what it was and how long it took. */
export async function step<R>(terminal: Terminal, work: () => Promise<R>, describe: (result: R) => string): Promise<R> {
  const started = performance.now()
  const result = await work()
  const milliseconds = Math.round(performance.now() - started)
  terminal.say(`  ${describe(result).padEnd(60)} ${terminal.paint('dim', `${milliseconds} ms`)}`)
  return result
}
