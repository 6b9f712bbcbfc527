import { METRICS, type MetricName } from './catalogue.ts'
import { BUCKETS, type Histogram } from './histogram.ts'

/** One value of a metric: the labels' values in the order of the catalogue. */
export type Sample = readonly [labels: readonly string[], value: number]

/** A metric as it travels between processes, in the shape that prom-client adds up and writes. */
export interface MetricReport {
  name: string
  help: string
  type: string
  aggregator: string
  values: { value: number; labels: Record<string, string>; metricName?: string }[]
}

/** A counter or gauge. */
export function reportOf(name: MetricName, samples: Iterable<Sample>): MetricReport {
  const values = Array.from(samples, ([labels, value]) => ({ value, labels: labelled(name, labels) }))
  return { ...headOf(name), values }
}

/** A histogram, as Prometheus has it: buckets count what is not longer than they are. */
export function histogramReport(
  name: MetricName,
  histograms: Iterable<readonly [labels: readonly string[], Histogram]>,
): MetricReport {
  const values: MetricReport['values'] = []
  for (const [labels, { counts, sum }] of histograms) {
    const own = labelled(name, labels)
    let count = 0
    counts.forEach((more, bucket) => {
      count += more
      const le = String(BUCKETS[bucket] ?? '+Inf')
      values.push({ metricName: `${name}_bucket`, value: count, labels: { ...own, le } })
    })
    values.push({ metricName: `${name}_sum`, value: sum, labels: own })
    values.push({ metricName: `${name}_count`, value: count, labels: own })
  }
  return { ...headOf(name), values }
}

function headOf(name: MetricName): Omit<MetricReport, 'values'> {
  const { help, type, combine } = METRICS[name]
  return { name, help, type, aggregator: combine }
}

const labelled = (name: MetricName, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(METRICS[name].labels.map((label, n) => [label, values[n] ?? '']))
