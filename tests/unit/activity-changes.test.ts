import { expect, test } from 'vitest'
import { recordedTable } from '../../app/db/activity-triggers.ts'
import { diffSchemas } from '../../app/db/schema-diff.ts'
import type { Schema } from '../../app/db/schema-snapshot.ts'
import { shopSchema } from '../support/shop-models.ts'

/** The shop, whose bills are recorded. */
async function recordedShop(options: Parameters<typeof shopSchema>[0] = {}, table = 'bills'): Promise<Schema> {
  const schema = await shopSchema(options)
  return { ...schema, ddl: [...schema.ddl, recordedTable(table)] }
}

/** With a column of another type, or one column more. */
function withColumn(schema: Schema, name: string, type: string): Schema {
  const isIt = (one: Schema['ddl'][number]) => one.entityType === 'columns' && one.name === name
  const model = schema.ddl.find((one) => one.entityType === 'columns' && one.table === 'bills' && one.name === 'number')
  return { ...schema, ddl: [...schema.ddl.filter((one) => !isIt(one)), { ...model!, name, type, notNull: false }] }
}

/** What happens to the triggers: `DROP`, or what the new one is told of. */
async function triggersOf(before: Schema, after: Schema, answer: string | null = null): Promise<string[]> {
  const { up } = await diffSchemas(before, after, async () => answer)
  return up.flatMap((line) =>
    line.includes('TRIGGER activity_insert') ? [/record_activity\((.*)\)/.exec(line)?.[1] ?? 'DROP'] : [],
  )
}

test('a table that is recorded says which columns are amounts, and which can hold no secret', async () => {
  expect(await triggersOf(await shopSchema({}), await recordedShop())).toEqual([`'{amount}', '{number,amount}', '{}'`])
  expect(await triggersOf(await recordedShop(), await shopSchema({}))).toEqual(['DROP'])
})

test('it says so anew when a column comes, goes, or is another', async () => {
  const plain = await recordedShop()
  const added = withColumn(plain, 'extra', 'jsonb')
  expect(await triggersOf(plain, added)).toEqual(['DROP', `'{amount}', '{number,amount}', '{"extra":{}}'`])
  expect(await triggersOf(added, plain)).toEqual(['DROP', `'{amount}', '{number,amount}', '{}'`])
  expect(await triggersOf(added, withColumn(plain, 'extra', 'text'))).toEqual([
    'DROP',
    `'{amount}', '{number,amount,extra}', '{}'`,
  ])
  expect(await triggersOf(plain, plain)).toEqual([])
})

test('a column that is a secret by its name, or of many values, is looked into', async () => {
  const before = await shopSchema({})
  for (const [name, type] of [
    ['card_pin', 'text'],
    ['extra', 'json'],
    ['place', 'point'],
  ] as const) {
    const [told] = await triggersOf(withColumn(before, name, type), withColumn(await recordedShop(), name, type))
    expect(told).toBe(`'{amount}', '{number,amount}', '{"${name}":{}}'`)
  }
})

test('a column under a new name is told by it', async () => {
  const [before, after] = [await recordedShop(), await recordedShop({ amount: 'total' })]
  expect(await triggersOf(before, after, 'bills.amount')).toEqual(['DROP', `'{total}', '{number,total}', '{}'`])
})
