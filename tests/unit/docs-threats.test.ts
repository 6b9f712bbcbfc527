import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect } from 'vitest'
import { loadSettings } from '../../app/core/config.ts'
import { ENCODING, RULES } from '../../app/core/threats/rules.ts'
import { test } from '../support/temporary-folder.ts'

const text = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/threats.md'), 'utf8')
const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

describe('docs/threats.md', () => {
  test('has every rule, with its points and what it is', () => {
    const rows = [...text.matchAll(/^\| `\w+\.[\w-]+`.*$/gm)].map(([line]) => cellsOf(line))
    const patterns = RULES.map((rule) => ({ ...rule, only: rule.only?.join(', ') ?? '' }))
    const encodings = Object.entries(ENCODING).map(([id, rule]) => ({ id, only: '', ...rule }))
    const all = [...patterns, ...encodings]
    expect(rows).toEqual(
      all.map(({ id, points, inBody, only, why }) => [`\`${id}\``, String(points), String(inBody), only, why]),
    )
  })

  test('has the settings and their defaults', ({ folder }) => {
    const settings = loadSettings({ SECRET_KEY: 'k'.repeat(32) }, folder)
    const rows = [...text.matchAll(/^\| `(THREAT_\w+)` +\| `(\w+)`/gm)].map(([, name, value]) => [name, value])
    const own = Object.entries(settings).filter(([name]) => name.startsWith('THREAT_'))
    expect(rows).toEqual(own.map(([name, value]) => [name, JSON.stringify(value)]))
  })
})
