import { type BenchDatabase, removeCreated } from './database.ts'
import type { Generator } from './generator.ts'
import type { Figures } from './load.ts'
import type { Operation } from './operations.ts'
import { type Subject, startBaseline, startFastVue } from './subjects.ts'

export interface Plan {
  connections: number
  rounds: number
  seconds: number
  /** Long enough for the JIT to settle. */
  warmUpSeconds: number
}

export interface Comparison {
  operation: string
  fastvue: Figures
  baseline: Figures
  /** FastVue's requests per second divided by the baseline's in the round before it. */
  ratio: { median: number; min: number; max: number }
  faults: number
}

/**
 * Measures both servers, an operation at a time, in turns (A B A B …): what the machine does meanwhile hits both, and
 * each ratio is of two rounds that are neighbours. Only one of them has load at a time.
 */
export async function compareServers(
  database: BenchDatabase,
  operations: Operation[],
  generator: Generator,
  { connections, rounds, seconds, warmUpSeconds }: Plan,
): Promise<Comparison[]> {
  const baseline = await startBaseline(database)
  const fastvue = await startFastVue(database)
  const round = async ({ server, token }: Subject, operation: Operation, duration = seconds) => {
    const figures = await generator.run({ url: server.url, token, operation, connections, seconds: duration })
    if (operation.name === 'create') await removeCreated(database.url)
    return figures
  }
  try {
    const comparisons: Comparison[] = []
    for (const operation of operations) {
      for (const subject of [baseline, fastvue]) await round(subject, operation, warmUpSeconds)
      const pairs: { baseline: Figures; fastvue: Figures }[] = []
      for (let n = 0; n < rounds; n++)
        pairs.push({ baseline: await round(baseline, operation), fastvue: await round(fastvue, operation) })
      comparisons.push(summary(operation, pairs))
    }
    return comparisons
  } finally {
    for (const { server } of [baseline, fastvue]) await server.stop()
  }
}

function summary({ title }: Operation, pairs: { baseline: Figures; fastvue: Figures }[]): Comparison {
  const ratios = pairs.map((pair) => pair.fastvue.perSecond / pair.baseline.perSecond)
  const fastvue = medians(pairs.map((pair) => pair.fastvue))
  const baseline = medians(pairs.map((pair) => pair.baseline))
  return {
    operation: title,
    fastvue,
    baseline,
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
    faults: fastvue.faults + baseline.faults,
  }
}

function medians(rounds: Figures[]): Figures {
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50: median(rounds.map(({ p50 }) => p50)),
    p99: median(rounds.map(({ p99 }) => p99)),
    faults: rounds.reduce((sum, { faults }) => sum + faults, 0),
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length - 1 - middle], sorted[middle]]
  return (low + high) / 2
}
