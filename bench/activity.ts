import { budget } from './budget.ts'
import type { Plan } from './comparison.ts'
import { type BenchDatabase, recordActivity, removeCreated } from './database.ts'
import type { Generator } from './generator.ts'
import { operationsOn } from './operations.ts'
import { startFastVue } from './subjects.ts'

/** Creates per second with the activity log and without it. */
export interface ActivityCost {
  recorded: number
  unrecorded: number
  /** Of a create's time, the median of the rounds: 0.1 is 10 %. */
  overhead: number
}

/** What it costs a create that the activity log records it: rounds with the triggers and without them, in turns. */
export async function measureActivity(
  database: BenchDatabase,
  generator: Generator,
  { connections, rounds, seconds, warmUpSeconds }: Plan,
): Promise<ActivityCost> {
  const operation = operationsOn(database.ids).find(({ name }) => name === 'create')
  if (!operation) throw new Error('No operation creates')
  const { server, token } = await startFastVue(database)
  const round = async (duration: number) => {
    const { perSecond } = await generator.run({ url: server.url, token, operation, connections, seconds: duration })
    await removeCreated(database.url)
    return perSecond
  }
  try {
    await round(warmUpSeconds)
    const pairs: Omit<ActivityCost, 'overhead'>[] = []
    for (let n = 0; n < rounds; n++) {
      await recordActivity(database.url, 'DISABLE')
      const unrecorded = await round(seconds)
      await recordActivity(database.url, 'ENABLE')
      pairs.push({ unrecorded, recorded: await round(seconds) })
    }
    const costs = pairs
      .map((pair) => ({ ...pair, overhead: pair.unrecorded / pair.recorded - 1 }))
      .toSorted((a, b) => a.overhead - b.overhead)
    return costs[Math.floor(costs.length / 2)] ?? { recorded: 0, unrecorded: 0, overhead: Number.NaN }
  } finally {
    await server.stop()
  }
}

const MOST = 0.15

export function describeActivity({ recorded, unrecorded, overhead }: ActivityCost): string {
  const percent = (overhead * 100).toFixed(1)
  const text = `activity log: ${percent} % of a create (${recorded.toFixed(0)}/s against ${unrecorded.toFixed(0)}/s), at most 15 %`
  return `${budget(text, overhead <= MOST)}\n`
}
