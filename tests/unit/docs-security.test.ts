import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import * as models from '../../app/models/index.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const text = read('docs/security.md')

/** Chapters of ASVS 5.0.0, and how many requirements of levels 1 and 2 their sections have: 6.1, 6.2 and so on. */
const CHAPTERS: [chapter: number, sections: number[]][] = [
  [6, [3, 12, 4, 4, 5, 3, 0, 4]],
  [7, [3, 4, 2, 5, 2, 2]],
  [8, [2, 3, 1, 1]],
  [9, [3, 4]],
  [10, [2, 2, 4, 11, 5, 2, 3]],
]
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** The ids of a cell: one, or from one to another of the same section. */
function idsIn(cell: string): string[] {
  const [, section = '', first, last = first] = /^(\d+\.\d+)\.(\d+)(?:–\1\.(\d+))?$/.exec(cell) ?? []
  return numbers(Number(first), Number(last)).map((n) => `${section}.${n}`)
}

/** The rows of a table, by what its first line begins with. */
function tableOf(head: string): string[][] {
  const table = text.split('\n\n').find((part) => new RegExp(`^\\| ${head} +\\|`).test(part)) ?? ''
  const cells = (line: string) => line.split('|').slice(1, -1)
  return table
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .map((line) => cells(line).map((cell) => cell.trim()))
}

describe('docs/security.md', () => {
  test('names files that are there', () => {
    const paths = [...text.matchAll(/`((?:app|tests)\/[^`\s]*)`/g)].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThan(100)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test('names tests that are there, by words of their names', () => {
    const named = [...text.matchAll(/`(tests\/\S+)`((?:,? “[^”]+”)+)/g)]
    const quotes = named.flatMap(([, path = '', words = '']) =>
      [...words.matchAll(/“([^”]+)”/g)].map(([, quote = '']) => ({ path, quote })),
    )
    expect(quotes.length).toBeGreaterThan(30)
    const alike = (written: string) => written.replaceAll('’', "'")
    expect(quotes.filter(({ path, quote }) => !alike(read(path)).includes(alike(quote)))).toEqual([])
  })

  test('has a test file for each promise', () => {
    const promises = tableOf('promise')
    expect(promises.length).toBeGreaterThan(20)
    expect(promises.filter(([, , shown]) => !/`tests\/\S+\.test\.ts`/.test(shown ?? ''))).toEqual([])
  })

  test('has each ASVS requirement once and in order, with a status, and a test where it is met', () => {
    const rows = tableOf('id')
    const all = CHAPTERS.flatMap(([chapter, sections]) =>
      sections.flatMap((last, n) => numbers(1, last).map((number) => `${chapter}.${n + 1}.${number}`)),
    )
    expect(rows.flatMap(([id = '']) => idsIn(id))).toEqual(all)
    const isWhole = ([, level = '', requirement, status = '', where]: string[]) =>
      /^(1|2|1, 2)$/.test(level) && /^(met|setting|deployer|not met|n\/a)$/.test(status) && requirement && where
    expect(rows.filter((row) => !isWhole(row))).toEqual([])
    const met = rows.filter(([, , , status]) => status === 'met')
    expect(met.filter(([, , , , where = '']) => !/`tests\/\S+\.test\.ts`/.test(where))).toEqual([])
  })
})

describe('what it says is not there', () => {
  test('no table keeps a hint or a question', () => {
    const tables = Object.values(models).filter((model) => model instanceof PgTable)
    const columns = tables.flatMap((table) => getTableConfig(table).columns.map(({ name }) => name))
    expect(columns).toContain('password_hash')
    expect(columns.filter((name) => /hint|question/.test(name))).toEqual([])
  })

  test('nothing asks how old a password is: its age is written and never read', () => {
    const files = globSync('app/**/*.ts', { cwd: root })
    const lines = files.flatMap((path) => read(path).split('\n'))
    const uses = lines.filter((line) => line.includes('password_changed_at')).map((line) => line.trim())
    expect(uses.toSorted()).toEqual([
      '.set({ password_hash, password_changed_at: sql`now()` })',
      'password_changed_at: timestamptz(),',
    ])
  })
})
