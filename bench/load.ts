import autocannon from 'autocannon'
import type { Operation } from './operations.ts'

/** One round of load on one server. */
export interface Round {
  url: string
  token: string
  operation: Operation
  connections: number
  seconds: number
}

export interface Figures {
  perSecond: number
  /** milliseconds */
  p50: number
  p99: number
  /** Replies that were not 2xx, and connections that failed. */
  faults: number
}

/** A process of its own: what it costs to make the load must not be taken from the server. Round in, figures out. */
process.on('message', (round: Round) => {
  void load(round).then((figures) => process.send?.(figures))
})

async function load({ url, token, operation, connections, seconds }: Round): Promise<Figures> {
  const { method, paths, body } = operation
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (body) headers['content-type'] = 'application/json'
  const latencies: number[] = []
  const run = autocannon({
    url,
    connections,
    duration: seconds,
    idReplacement: body !== undefined,
    requests: paths.map((path) => ({ method, path, headers, body })),
  })
  void run.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) =>
    latencies.push(milliseconds),
  )
  const outcome = await run
  latencies.sort((a, b) => a - b)
  return {
    perSecond: outcome['2xx'] / outcome.duration,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    faults: outcome.non2xx + outcome.errors + outcome.timeouts,
  }
}

const percentile = (sorted: number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
