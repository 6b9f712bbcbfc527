import type { Cache } from '../core/cache.ts'
import type { Metrics } from '../core/metrics/metrics.ts'
import type { Engine } from '../db/engine.ts'
import type { LiveClients } from './live/clients.ts'
import type { PrincipalStore } from './principal-store.ts'

export interface ObservedParts {
  version: string
  engine: Engine
  cache: Cache
  principals: PrincipalStore
  clients: LiveClients
}

/** Has the parts of an application tell their numbers when they are asked for. */
export function observeParts(metrics: Metrics, { version, engine, cache, principals, clients }: ObservedParts): void {
  metrics.read('fastvue_build_info', () => [[[version, process.versions.node], 1]])
  metrics.read('fastvue_database_connections', () => {
    const { used, idle } = engine.load()
    return [
      [['used'], used],
      [['idle'], idle],
    ]
  })
  metrics.read('fastvue_database_waiting', () => [[[], engine.load().waiting]])
  metrics.readHistogram('fastvue_database_query_duration_seconds', engine.durations)
  metrics.read('fastvue_cache_requests_total', () => [
    [['values', 'hit'], cache.hits],
    [['values', 'miss'], cache.misses],
    [['principals', 'hit'], principals.hits],
    [['principals', 'miss'], principals.misses],
  ])
  metrics.read('fastvue_live_connections', () => clients.perKind().map(([kind, count]) => [[kind], count]))
}
