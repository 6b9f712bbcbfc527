import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Figures, Round } from './load.ts'

/** The process that makes the load. */
export interface Generator {
  run(round: Round): Promise<Figures>
  close(): void
}

export function openGenerator(): Generator {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  return {
    async run(round) {
      child.send(round)
      const [figures] = (await once(child, 'message')) as [Figures]
      return figures
    },
    close: () => child.disconnect(),
  }
}
