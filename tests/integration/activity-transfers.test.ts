import { exportDemoData } from '../../app/services/demo-data/export.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'

const test = base.extend('exported', ({ engine, settings }) => async (company?: string) => {
  let text = ''
  const write = async (more: string) => void (text += more)
  await exportDemoData(engine, settings, { history: true, company, write })
  return text
})
const TRANSFERS = `select action, category, company_id, metadata from activity_logs where action like '%_data' order by id`

describe('a file', () => {
  test('that is loaded is told once, with its counts, and not when it changes nothing', async ({ engine }) => {
    const file = { companies: [{ code: 'ACME', name: 'Acme' }] }
    await loadData(engine, file, ['--dry-run'])
    expect(await rowsOf(engine, TRANSFERS)).toEqual([])
    await loadData(engine, file)
    await loadData(engine, file)
    const sections = { companies: { created: 1, updated: 0 } }
    expect(await rowsOf(engine, TRANSFERS)).toMatchObject([
      { action: 'load_data', category: 'system_management', company_id: null, metadata: { sections } },
    ])
  })

  test('that has its history tells amounts as it tells them elsewhere', async ({ as, testUser, exported }) => {
    await as(testUser).post('/products', { name: 'Lamp', sku: 'LAMP', price: '5.00' })
    const { activity_logs } = JSON.parse(await exported())
    const [made] = activity_logs.filter(({ action }: { action: string }) => action === 'create')
    expect(made.new_values.price).toBe('5.00')
  })

  test('that is written is told, in the company whose data it has alone, and is the same again', async ({
    engine,
    exported,
    testCompany,
  }) => {
    const first = await exported()
    const own = await exported('TEST')
    expect(await rowsOf(engine, TRANSFERS)).toMatchObject([
      { action: 'export_data', category: 'system_management', company_id: null },
      { action: 'export_data', category: 'data_management', company_id: testCompany.id },
    ])
    expect(await exported()).toBe(first)
    expect(await exported('TEST')).toBe(own)
    expect(first).not.toContain('export_data')
  })
})
