import { describe, expect, test } from '../support/fixtures.ts'
import { exportData } from '../support/export-data.ts'
import { empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'

const acme = { code: 'ACME', name: 'ACME' }
const anna = { email: 'anna@example.com', username: 'anna', password: 'correct horse', current_company_code: 'ACME' }
const anvil = { company_code: 'ACME', name: 'Anvil', sku: 'A-1', price: '9.50' }
const about = { model_name: 'products', record_key: 'A-1' }
const told = { user_email: anna.email, company_code: 'ACME', title: 'You were mentioned', is_internal: true, ...about }
const file = (...notifications: object[]) => ({ companies: [acme], users: [anna], products: [anvil], notifications })

describe('a notification about a record, in a file', () => {
  test('is about it again when it is loaded, and as internal as it was', async ({ engine }) => {
    await empty(engine)
    expect(await loadData(engine, file(told))).toMatchObject({ code: 0, stderr: '' })
    const exported = await exportData(engine, ['--all'])
    expect(exported.warnings).toEqual([])
    expect(exported.data['notifications']).toMatchObject([told])
    await empty(engine)
    expect(await loadData(engine, exported.text)).toMatchObject({ code: 0 })
    expect((await exportData(engine, ['--all'])).text).toBe(exported.text)
    const found = `select p.sku, n.model_name, n.is_internal from notifications n join products p on p.id = n.record_id`
    expect(await rowsOf(engine, found)).toEqual([{ sku: 'A-1', model_name: 'products', is_internal: true }])
  })

  test('is left out, and said to be, when the record is not in the file', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, file(told))
    await rowsOf(engine, 'update products set is_deleted = true returning id')
    const { data, warnings } = await exportData(engine, ['--all'])
    expect(data['notifications']).toEqual([])
    expect(warnings).toContain('notifications: 1 of 1 left out: to users, or about records, that are not in the file')
  })

  test.for([
    [{ ...told, record_key: 'A-2' }, 'A-2'],
    [{ ...told, record_key: undefined }, 'goes with a model_name'],
    [{ ...told, company_code: undefined }, 'is required with a record_key'],
  ] as const)('is refused where it is about nothing that is there: %#', async ([item, fault], { engine }) => {
    await empty(engine)
    const { code, stderr } = await loadData(engine, file(item))
    expect(code).toBe(1)
    expect(stderr).toContain(fault)
  })
})
