import { sql } from 'drizzle-orm'
import { type AnyPgColumn, boolean, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { activeMixin, bigintNumber, timestampMixin } from './mixins.ts'
import { currentCompany, sharedTable } from './table.ts'

/** A company is a tenant. Its `code` is its natural key, in any case of letters. */
export const companies = sharedTable(
  'companies',
  {
    // Counted: who makes companies runs the installation, and knows how many there are.
    id: bigintNumber().primaryKey().generatedAlwaysAsIdentity(),
    ...timestampMixin(),
    ...activeMixin(),
    name: varchar({ length: 255 }).notNull(),
    code: varchar({ length: 50 }).notNull(),
    description: text(),
    parent_company_id: bigintNumber().references((): AnyPgColumn => companies.id, { onDelete: 'set null' }),
    is_headquarters: boolean().notNull().default(false),
    address: varchar({ length: 500 }),
    city: varchar({ length: 100 }),
    state: varchar({ length: 100 }),
    country: varchar({ length: 100 }),
    zip_code: varchar({ length: 20 }),
    phone: varchar({ length: 50 }),
    email: varchar({ length: 255 }),
    website: varchar({ length: 255 }),
    tax_id: varchar({ length: 50 }),
    registration_number: varchar({ length: 100 }),
    timezone: varchar({ length: 50 }).notNull().default('UTC'),
    currency: varchar({ length: 10 }).notNull().default('USD'),
  },
  { read: sql`id = ${currentCompany}` },
  (t) => [uniqueIndex('companies_code_key').on(sql`lower(${t.code})`)],
)
