import type { BenchDatabase } from './database.ts'
import { type ReloadCost, measureReload } from './reload.ts'
import { startFastVue } from './subjects.ts'

export interface StartCost {
  /** From spawn to listening, the median of three. */
  startMs: number
  /** Resident, one log-in and two seconds after the start. */
  memoryMb: number
  reloadMs: ReloadCost
}

/** What a start and a reload cost on a database that is migrated already. */
export async function measureStart(database: BenchDatabase): Promise<StartCost> {
  const starts: Omit<StartCost, 'reloadMs'>[] = []
  for (let n = 0; n < 3; n++) {
    const { server } = await startFastVue(database)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    starts.push({ startMs: server.startMs, memoryMb: server.memoryMb() })
    await server.stop()
  }
  const [, median] = starts.toSorted((a, b) => a.startMs - b.startMs)
  return {
    startMs: median?.startMs ?? Number.NaN,
    memoryMb: Math.max(...starts.map(({ memoryMb }) => memoryMb)),
    reloadMs: await measureReload(database),
  }
}
