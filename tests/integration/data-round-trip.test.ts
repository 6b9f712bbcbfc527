import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Engine } from '../../app/db/engine.ts'
import { exportData } from '../support/export-data.ts'
import { expect, test } from '../support/fixtures.ts'
import { contents, empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'
import { randomFile } from '../support/random-files.ts'

type Item = Record<string, unknown>

const load = async (engine: Engine, file: unknown, flags: string[] = []) => {
  const { code, stdout, stderr } = await loadData(engine, file, [...flags, '--json'])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return Object.values<Record<string, number>>(JSON.parse(stdout).sections)
}

async function emptied(engine: Engine): Promise<void> {
  await rowsOf(engine, 'delete from activity_logs')
  await empty(engine)
}

/** load → export → clear → load → export gives the same bytes, and loading twice the same rows. */
async function roundTrip(engine: Engine, file: unknown) {
  await load(engine, file)
  const exported = await exportData(engine, ['--all'])
  expect(exported.warnings).toEqual([])
  await load(engine, exported.text, ['--clear', '--force'])
  expect((await exportData(engine, ['--all'])).text).toBe(exported.text)

  const before = await contents(engine)
  for (const flags of [[], ['--update']])
    for (const counts of await load(engine, exported.text, flags))
      expect(counts).toMatchObject({ created: 0, updated: 0 })
  expect(await contents(engine)).toEqual(before)
  return exported.data
}

// What a field says when it is not there; any other says false or nothing.
const DEFAULTS: Record<string, unknown> = {
  is_active: true,
  success: true,
  level: 'info',
  category: 'data_management',
  message_type: 'comment',
  timezone: 'UTC',
  language: 'en',
  currency: 'USD',
  risk_score: 0,
  risk_reasons: [],
  attachments: [],
  metadata: {},
  data: {},
  users: [],
  permissions: [],
}

/** What the items say, in one form and order, without the fields that loading made for some of them. */
function meaning(items: Item[], given: Item[]): string[] {
  const made = ['uid', 'created_at', 'codename'].filter((field) => given.some((item) => item[field] === undefined))
  const says = ([field, value]: [string, unknown]) =>
    !made.includes(field) &&
    value !== undefined &&
    value !== null &&
    canonical(value) !== canonical(DEFAULTS[field] ?? false)
  return items
    .map((item) =>
      canonical(
        Object.fromEntries(
          Object.entries(item)
            .filter(says)
            .map(([field, value]) => [field, unordered(field, value)]),
        ),
      ),
    )
    .toSorted()
}

const unordered = (field: string, value: unknown) =>
  ['users', 'permissions'].includes(field) && Array.isArray(value) ? value.map(String).toSorted() : value

/** JSON text in which the order of keys does not count. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .toSorted()
    .join()}}`
}

test('whatever a file can say comes back as it was', async ({ engine }) => {
  await fc.assert(
    fc.asyncProperty(randomFile, async (file) => {
      await emptied(engine)
      const data = await roundTrip(engine, file)
      for (const [section, items] of Object.entries(file)) {
        expect(meaning(data[section] ?? [], items)).toEqual(meaning(items, items))
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 15) },
  )
}, 300_000)

test('so does data/demo.json', async ({ engine }) => {
  await emptied(engine)
  const demo = JSON.parse(readFileSync(join(import.meta.dirname, '../../data/demo.json'), 'utf8'))
  const data = await roundTrip(engine, demo)
  for (const [section, items] of Object.entries(data)) expect(items).toHaveLength(demo[section]?.length ?? 0)
})

test('a number that would come back as another one is not taken', async ({ engine }) => {
  const file = `{"companies": [{"code": "X", "name": "X"}],
    "products": [{"company_code": "X", "name": "X", "sku": "X", "price": "1", "metadata": {"n": 9007199254740993}}]}`
  const { code, stderr } = await loadData(engine, file)
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('cannot be kept exactly, 9007199254740993'),
  })
})
