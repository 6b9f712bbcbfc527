import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Part, attribute } from './attribution.ts'
import type { Plan } from './comparison.ts'
import { type BenchDatabase, removeCreated } from './database.ts'
import type { Generator } from './generator.ts'
import type { Operation } from './operations.ts'
import { startFastVue } from './subjects.ts'

export interface OperationProfile {
  operation: string
  /** Microseconds of the event loop's thread per request, by part. */
  parts: Partial<Record<Part, number>>
  /** The sum of the parts. */
  total: number
}

/** Where FastVue's time goes: a CPU profile of each operation under the same load as in the comparison. */
export async function profileOperations(
  database: BenchDatabase,
  operations: Operation[],
  generator: Generator,
  { connections, seconds, warmUpSeconds }: Plan,
): Promise<OperationProfile[]> {
  const { server, token } = await startFastVue(database, 'bench/profiled.ts')
  try {
    const profiles: OperationProfile[] = []
    for (const operation of operations) {
      const round = { url: server.url, token, operation, connections }
      await generator.run({ ...round, seconds: warmUpSeconds })
      await server.ask({ profile: 'start' })
      const { perSecond } = await generator.run({ ...round, seconds })
      const file = join(database.scratch, `${operation.name}.cpuprofile`)
      await server.ask({ profile: 'stop', file })
      if (operation.name === 'create') await removeCreated(database.url)
      const requests = perSecond * seconds
      const parts = [...attribute(JSON.parse(readFileSync(file, 'utf8')))]
      const perRequest = parts.map(([part, milliseconds]) => [part, (milliseconds * 1000) / requests] as const)
      const total = perRequest.reduce((sum, [, time]) => sum + time, 0)
      profiles.push({ operation: operation.title, parts: Object.fromEntries(perRequest), total })
    }
    return profiles
  } finally {
    await server.stop()
  }
}
