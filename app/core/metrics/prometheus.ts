import { createRequire } from 'node:module'
import type * as Prometheus from 'prom-client'
import type { MetricReport } from './report.ts'

// Loaded by the first scrape: it takes 15 MB and would be a fifth of the start.
const require = createRequire(import.meta.url)
const prometheus = () => require('prom-client') as typeof Prometheus

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

// What Node tells of its process is the process's, whichever application asks; and what it watches is never let go.
let watched: Prometheus.Registry | undefined

/** Memory, processor time, garbage collection, lag of the event loop and so on. They are watched from the first call on. */
export function processReport(): Promise<MetricReport[]> {
  const { Registry, collectDefaultMetrics } = prometheus()
  if (!watched) {
    watched = new Registry()
    collectDefaultMetrics({ register: watched })
  }
  return watched.getMetricsAsJSON() as unknown as Promise<MetricReport[]>
}

/** Adds up what several processes report and writes it as Prometheus reads it. */
export function prometheusText(reports: MetricReport[][]): Promise<string> {
  return prometheus().AggregatorRegistry.aggregate(reports).metrics()
}
