import { describe, expect, test } from 'vitest'
import { draftMigration } from '../../app/db/migration-draft.ts'
import type { Migration } from '../../app/db/migration-files.ts'
import { changesBetween, sentence } from '../../app/db/schema-changes.ts'
import { diffSchemas } from '../../app/db/schema-diff.ts'
import { schemaAfter } from '../../app/db/schema-merge.ts'
import type { Schema } from '../../app/db/schema-snapshot.ts'
import { shopSchema } from '../support/shop-models.ts'

const nobody = async () => null
const label = ({ entityType, table, name }: Schema['ddl'][number]) => `${entityType} ${table ?? ''} ${name}`

describe('the SQL of a change', () => {
  test('trusted work gets every right on a table, requests those that its policies allow', async () => {
    const grants = async (from: Parameters<typeof shopSchema>[0], to: Parameters<typeof shopSchema>[0]) => {
      const { up, down } = await diffSchemas(await shopSchema(from), await shopSchema(to), nobody)
      const about = (sql: string[]) => sql.filter((line) => /GRANT|REVOKE|ROW LEVEL/.test(line))
      return { up: about(up), down: about(down) }
    }
    const [enable, force] = [
      'ALTER TABLE "bills" ENABLE ROW LEVEL SECURITY;',
      'ALTER TABLE "bills" FORCE ROW LEVEL SECURITY;',
    ]
    expect(await grants({}, { policy: 'select' })).toEqual({
      up: [enable, force, 'GRANT SELECT ON "bills" TO fastvue_app;'],
      down: [
        'ALTER TABLE "bills" DISABLE ROW LEVEL SECURITY;',
        'ALTER TABLE "bills" NO FORCE ROW LEVEL SECURITY;',
        'REVOKE SELECT ON "bills" FROM fastvue_app;',
      ],
    })
    expect(await grants({ policy: 'select' }, { policy: 'all' })).toEqual({
      up: ['GRANT INSERT, UPDATE, DELETE ON "bills" TO fastvue_app;'],
      down: ['REVOKE INSERT, UPDATE, DELETE ON "bills" FROM fastvue_app;'],
    })
    expect(await grants({}, { withPayments: true })).toEqual({
      up: ['GRANT SELECT, INSERT, UPDATE, DELETE ON "payments" TO fastvue_system;'],
      down: [],
    })
  })

  test('a rename keeps the data and takes all names along, there and back', async () => {
    const before = await shopSchema({ policy: 'all', withPayments: true })
    const after = await shopSchema({ policy: 'all', withPayments: true, table: 'invoices', amount: 'total' })
    const answers = new Map([
      ['invoices', 'bills'],
      ['invoices.total', 'invoices.amount'],
    ])
    const { up, down, renames } = await diffSchemas(before, after, async ({ added }) => answers.get(added) ?? null)
    expect(up).toEqual([
      'ALTER TABLE "bills" RENAME TO "invoices";',
      'ALTER TABLE "invoices" RENAME COLUMN "amount" TO "total";',
      'ALTER TABLE "payments" RENAME CONSTRAINT "payments_bill_id_bills_id_fkey" TO "payments_bill_id_invoices_id_fkey";',
      'ALTER TABLE "invoices" RENAME CONSTRAINT "bills_pkey" TO "invoices_pkey";',
      'ALTER TABLE "invoices" RENAME CONSTRAINT "bills_number_key" TO "invoices_number_key";',
      'ALTER POLICY "bills_requests" ON "invoices" RENAME TO "invoices_requests";',
      'ALTER SEQUENCE "bills_id_seq" RENAME TO "invoices_id_seq";',
    ])
    expect(down.slice(0, 2)).toEqual([
      'ALTER TABLE "invoices" RENAME TO "bills";',
      'ALTER TABLE "bills" RENAME COLUMN "total" TO "amount";',
    ])
    expect(down).toHaveLength(up.length)
    expect(changesBetween(before, after, renames).map(sentence).slice(0, 2)).toEqual([
      'rename table bills to invoices',
      'rename column invoices.amount to invoices.total',
    ])
  })

  test('what is not a rename is dropped and made', async () => {
    const { up } = await diffSchemas(await shopSchema(), await shopSchema({ amount: 'total' }), nobody)
    expect(up).toEqual(['ALTER TABLE "bills" ADD COLUMN "total" numeric;', 'ALTER TABLE "bills" DROP COLUMN "amount";'])
  })
})

describe('migrations after a merge of branches', () => {
  const migration = (name: string, parents: string[], schema: Schema): Migration => ({
    name,
    parents,
    schema,
    up: '',
    down: '',
  })

  async function branches(left: Parameters<typeof shopSchema>[0], right: Parameters<typeof shopSchema>[0]) {
    return [
      migration('0001_initial', [], await shopSchema()),
      migration('0002_x', ['0001_initial'], await shopSchema(left)),
      migration('0002_y', ['0001_initial'], await shopSchema(right)),
    ]
  }
  const tips = ['0002_x', '0002_y']

  test('the next one builds on both, and has only what neither has', async () => {
    const migrations = await branches({ columns: ['x'] }, { columns: ['y'], withPayments: true })
    const both = { columns: ['x', 'y'], withPayments: true }
    expect(schemaAfter(migrations, tips).ddl.map(label).sort()).toEqual((await shopSchema(both)).ddl.map(label).sort())
    expect(await draftMigration(migrations, await shopSchema(both), nobody)).toBeNull()

    const draft = await draftMigration(migrations, await shopSchema({ ...both, columns: ['x', 'y', 'z'] }), nobody)
    expect(draft?.migration).toMatchObject({
      name: '0003_create_bills_z',
      parents: tips,
      up: 'ALTER TABLE "bills" ADD COLUMN "z" text;\n',
      down: 'ALTER TABLE "bills" DROP COLUMN "z";\n',
    })
  })

  test('what one side dropped stays dropped', async () => {
    const migrations = await branches({ columns: ['x'] }, { amount: 'total' })
    const labels = schemaAfter(migrations, tips).ddl.map(label)
    expect(labels).toEqual(expect.arrayContaining(['columns bills x', 'columns bills total']))
    expect(labels).not.toContain('columns bills amount')
  })

  test('two migrations that contradict each other are named, with what they disagree on', async () => {
    const changed = await branches({ policy: 'all' }, { policy: 'select' })
    expect(() => schemaAfter(changed, tips)).toThrow(
      '0002_x and 0002_y both change bills.bills_requests (policies), and not to the same',
    )
    const gone = await branches({ table: 'invoices' }, { columns: ['y'] })
    expect(() => schemaAfter(gone, tips)).toThrow('0002_x and 0002_y both change bills (tables), and not to the same')
  })
})
