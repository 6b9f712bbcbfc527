import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { METRICS } from '../../app/core/metrics/catalogue.ts'
import { processReport } from '../../app/core/metrics/prometheus.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What a scrape may have: a histogram by the names of its parts. */
async function names(): Promise<Set<string>> {
  const ours = Object.entries(METRICS)
  const ofProcess = (await processReport()).map(({ name, type }) => [name, { type }] as const)
  const parts = { histogram: ['_bucket', '_sum', '_count'] } as Record<string, string[]>
  return new Set(
    [...ours, ...ofProcess].flatMap(([name, { type }]) => (parts[type] ?? ['']).map((part) => name + part)),
  )
}

describe('docs/observability.md', () => {
  test('has every metric in the order of the code, with its type, labels and meaning', () => {
    const rows = [...read('docs/observability.md').matchAll(/^\| `(fastvue_\w+)` +\| (\w+) +\| (.*?) *\| (.+?) *\|$/gm)]
    expect(
      rows.map(([, name, type, labels = '', help]) => [name, { type, labels: labels.match(/\w+/g) ?? [], help }]),
    ).toEqual(
      Object.entries(METRICS).map(([name, { type, labels, help }]) => [name, { type, labels: [...labels], help }]),
    )
  })

  test('names no metric that is not there', async () => {
    const known = await names()
    const named = [...read('docs/observability.md').matchAll(/`((?:fastvue|process|nodejs)_\w+)`/g)].map(
      ([, name = '']) => name,
    )
    const isKnown = (name: string) => known.has(name) || known.has(`${name}_bucket`)
    expect(named.filter((name) => !isKnown(name))).toEqual([])
  })
})

describe('deploy/grafana/fastvue.json', () => {
  const { panels } = JSON.parse(read('deploy/grafana/fastvue.json')) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

  test('asks for metrics and labels that are there', async () => {
    const known = await names()
    const asked = queries.flatMap((query) => query.match(/\b(?:fastvue|process|nodejs)_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(25)
    expect(asked.filter((name) => !known.has(name))).toEqual([])
    const labels = new Set(['instance', 'le', ...Object.values(METRICS).flatMap((metric) => metric.labels)])
    const grouped = queries.flatMap((query) =>
      [...query.matchAll(/by \(([^)]+)\)/g)].flatMap(([, by = '']) => by.split(', ')),
    )
    const matched = queries.flatMap((query) => [...query.matchAll(/[{,](\w+)(?:=|!)/g)].map(([, label = '']) => label))
    expect([...grouped, ...matched].filter((label) => !labels.has(label))).toEqual([])
  })

  test('shows all of ours', () => {
    const text = queries.join('\n')
    expect(Object.keys(METRICS).filter((name) => !text.includes(name))).toEqual([])
  })
})
