import { bigint, numeric, pgPolicy, pgTable, text, unique } from 'drizzle-orm/pg-core'
import { schemaOf } from '../../app/db/drizzle-kit.ts'
import type { Schema } from '../../app/db/schema-snapshot.ts'
import { fastvueApp } from '../../app/models/index.ts'

interface Shop {
  table?: string
  amount?: string
  /** What requests may do with bills. */
  policy?: 'all' | 'select'
  /** More columns of bills. */
  columns?: string[]
  withPayments?: boolean
}

/** A small schema in the state a test asks for: bills, and payments that refer to them. */
export function shopSchema({
  table = 'bills',
  amount = 'amount',
  policy,
  columns = [],
  withPayments,
}: Shop = {}): Promise<Schema> {
  const id = () => bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()
  const extra = Object.fromEntries(columns.map((name) => [name, text()]))
  const bills = pgTable(table, { id: id(), number: text(), [amount]: numeric(), ...extra }, (t) => [
    unique(`${table}_number_key`).on(t['number']),
    ...(policy ? [pgPolicy(`${table}_requests`, { for: policy, to: fastvueApp })] : []),
  ])
  const payments = pgTable('payments', { id: id(), bill_id: bigint({ mode: 'number' }).references(() => bills['id']) })
  return schemaOf({ fastvueApp, bills, ...(withPayments && { payments }) })
}
