import { describe, expect, test } from 'vitest'
import { draftMigration } from '../../app/db/migration-draft.ts'
import type { Migration } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { ENGINES, rowsOf } from '../support/migrations.ts'
import { shopSchema } from '../support/shop-models.ts'

const ANSWERS = new Map([
  ['invoices', 'bills'],
  ['invoices.total', 'invoices.amount'],
])

describe.each(ENGINES)('a rename on %s', (_name, open) => {
  test('keeps the rows there and back, and frees the old name for another table', async () => {
    const { engine, close } = await open()
    const migrations: Migration[] = []
    const add = async (shop: Parameters<typeof shopSchema>[0]) => {
      const draft = await draftMigration(
        migrations,
        await shopSchema(shop),
        async ({ added }) => ANSWERS.get(added) ?? null,
      )
      migrations.push(draft!.migration)
    }
    const renamed = { table: 'invoices', amount: 'total', policy: 'all', withPayments: true } as const
    await add({ policy: 'all', withPayments: true })
    await add(renamed)
    await add({ ...renamed, policy: 'select', columns: ['note'] })

    await migrate(engine, migrations, { target: '0001' })
    await rowsOf(engine, `INSERT INTO bills (number, amount) VALUES ('a', 1)`)
    await rowsOf(engine, 'INSERT INTO payments (bill_id) VALUES (1)')
    await migrate(engine, migrations)
    expect(await rowsOf(engine, 'SELECT number, total FROM invoices')).toEqual([{ number: 'a', total: '1' }])
    await rowsOf(engine, 'CREATE TABLE bills (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY)')
    await rowsOf(engine, 'DROP TABLE bills')

    await migrate(engine, migrations, { target: '0001' })
    expect(await rowsOf(engine, 'SELECT number, amount FROM bills JOIN payments ON bill_id = bills.id')).toEqual([
      { number: 'a', amount: '1' },
    ])
    await migrate(engine, migrations, { target: 'zero' })
    await close()
  })
})
