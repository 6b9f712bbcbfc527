import type { Settings } from '../core/config.ts'
import { inTime } from '../core/in-time.ts'
import { remembering } from '../core/remembering.ts'
import type { Metrics } from '../core/metrics/metrics.ts'
import { processReport, prometheusText } from '../core/metrics/prometheus.ts'
import { type MetricReport, reportOf } from '../core/metrics/report.ts'
import { Siblings } from '../core/metrics/siblings.ts'
import type { Engine } from '../db/engine.ts'
import { trustedRead } from './context.ts'
import { countJobs } from './jobs/counts.ts'
import { JOBS } from './jobs/registry.ts'

const QUEUE_KEPT_MS = 5000
const QUEUE_PATIENCE_MS = 1000

/** The metrics of this server, whichever of its processes is asked: counts are the sum over all of them. */
export class Scrape {
  readonly siblings: Siblings
  /** As Prometheus reads it. Those who ask at the same time share an answer. */
  readonly text: () => Promise<string>

  constructor(metrics: Metrics, parts: { engine: Engine; settings: Settings }) {
    const own = async () => [...metrics.report(), ...(await processReport())]
    this.siblings = new Siblings(own)
    const jobs = remembering(QUEUE_KEPT_MS, () => jobsReport(parts))
    this.text = remembering(0, async () => {
      const [ours, queue, { reports, silent }] = await Promise.all([own(), jobs(), this.siblings.ask()])
      const workers = reportOf('fastvue_workers', [
        [['answered'], reports.length + 1],
        [['silent'], silent],
      ])
      return prometheusText([[...ours, ...queue, workers], ...reports])
    })
  }
}

/** The queue is the same for all processes, so one asks. While the database does not answer, nothing is said of it. */
async function jobsReport(parts: { engine: Engine; settings: Settings }): Promise<MetricReport[]> {
  const counted = trustedRead(parts, (db) => countJobs(db, Object.keys(JOBS)))
  try {
    return [reportOf('fastvue_jobs', await inTime(counted, QUEUE_PATIENCE_MS, new Error('no answer')))]
  } catch {
    return []
  }
}
