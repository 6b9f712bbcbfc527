import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMITS } from '../../app/core/limits.ts'

const text = readFileSync('docs/robustness.md', 'utf8')

test('docs/robustness.md lists exactly the limits there are, with their values', () => {
  const rows = [...text.matchAll(/^\| `(\w+)`\s*\| (\d+)/gm)].map(([, name, value]) => [name, Number(value)])
  expect(rows).toEqual(Object.entries(LIMITS))
})

test('docs/robustness.md names tests that there are', () => {
  const named = [...text.matchAll(/`(tests\/[\w./-]+)` “([^”]+)”/g)]
  expect(named.length).toBeGreaterThan(Object.keys(LIMITS).length)
  const missing = named.filter(([, file = '', name = '']) => !readFileSync(file, 'utf8').includes(name))
  expect(missing.map(([what]) => what)).toEqual([])
})
