import { METRICS, type MetricName } from './catalogue.ts'
import type { Histogram } from './histogram.ts'
import { type MetricReport, type Sample, histogramReport, reportOf } from './report.ts'
import { RequestMetrics } from './request-metrics.ts'

/** Label values of one counter. What comes after them is counted as `other`: no mistake of ours grows without end. */
const MOST_SERIES = 200
// Between the values of several labels: in none of them.
const SEPARATOR = '\0'

/** The metrics of one application. Nothing of it is global: a process may have several applications. */
export class Metrics {
  readonly requests = new RequestMetrics()
  readonly #counters = new Map<MetricName, Map<string, number>>()
  readonly #sources: (() => MetricReport)[] = []

  /**
   * Adds one to a counter: `metrics.count('fastvue_errors_total', 'not_found')`.
   * @param values of its labels, in the order of the catalogue: of a small set that we choose, never a caller
   */
  count(name: MetricName, ...values: string[]): void {
    const counts = this.#counters.get(name) ?? new Map<string, number>()
    this.#counters.set(name, counts)
    const given = values.join(SEPARATOR)
    const isFull = counts.size >= MOST_SERIES && !counts.has(given)
    const key = isFull ? METRICS[name].labels.map(() => 'other').join(SEPARATOR) : given
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  /** A metric that is read when it is asked for. Reading must be cheap. */
  read(name: MetricName, samples: () => Iterable<Sample>): void {
    this.#sources.push(() => reportOf(name, samples()))
  }

  /** Durations that are recorded elsewhere. */
  readHistogram(name: MetricName, histogram: Histogram): void {
    this.#sources.push(() => histogramReport(name, [[[], histogram]]))
  }

  /** Everything that this process knows of itself. */
  report(): MetricReport[] {
    const counters = [...this.#counters].map(([name, counts]) =>
      reportOf(
        name,
        [...counts].map(([key, count]) => [key.split(SEPARATOR), count] as const),
      ),
    )
    return [...this.requests.report(), ...counters, ...this.#sources.map((source) => source())]
  }
}
