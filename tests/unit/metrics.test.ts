import { expect, test } from 'vitest'
import { BUCKETS, Histogram } from '../../app/core/metrics/histogram.ts'
import { Metrics } from '../../app/core/metrics/metrics.ts'
import { prometheusText } from '../../app/core/metrics/prometheus.ts'
import { histogramReport } from '../../app/core/metrics/report.ts'
import { valuesOf } from '../support/metrics.ts'

test('a counter has an end to its series, whatever it is given', async () => {
  const metrics = new Metrics()
  for (let n = 0; n < 1000; n++) metrics.count('fastvue_cache_requests_total', `cache ${n}`, 'hit')
  for (let n = 0; n < 5; n++) metrics.count('fastvue_cache_requests_total', 'cache 0', 'hit')
  const values = valuesOf(await prometheusText([metrics.report()]))
  const ours = [...values].filter(([name]) => name.startsWith('fastvue_cache_requests_total'))
  expect(ours).toHaveLength(201)
  expect(values.get('fastvue_cache_requests_total{cache="cache 0",result="hit"}')).toBe(6)
  expect(values.get('fastvue_cache_requests_total{cache="other",result="other"}')).toBe(800)
})

test('a value is one label, whatever stands in it', async () => {
  const metrics = new Metrics()
  metrics.count('fastvue_threat_findings_total', 'a"} 1\nforged{b="\\')
  const text = await prometheusText([metrics.report()])
  expect(text).toContain('fastvue_threat_findings_total{kind="a\\"} 1\\nforged{b=\\"\\\\"} 1\n')
})

test('a histogram counts each duration in all buckets that are long enough for it', () => {
  const histogram = new Histogram()
  for (const ms of [1, 1.01, 10_000, 10_001]) histogram.observe(ms)
  const { values } = histogramReport('fastvue_database_query_duration_seconds', [[[], histogram]])
  const upTo = (le: string) => values.find(({ labels }) => labels['le'] === le)?.value
  expect([upTo('0.001'), upTo('0.0025'), upTo('10'), upTo('+Inf')]).toEqual([1, 2, 3, 4])
  expect(values).toHaveLength(BUCKETS.length + 3)
})

test('several processes report the sum of their counts, and what is the same for all of them once', async () => {
  const reports = [1, 2].map((count) => {
    const metrics = new Metrics()
    for (let n = 0; n < count; n++) metrics.count('fastvue_errors_total', 'not_found')
    metrics.read('fastvue_build_info', () => [[['1.0', '26'], 1]])
    return metrics.report()
  })
  const values = valuesOf(await prometheusText(reports))
  expect(values.get('fastvue_errors_total{code="not_found"}')).toBe(3)
  expect(values.get('fastvue_build_info{version="1.0",node="26"}')).toBe(1)
})
