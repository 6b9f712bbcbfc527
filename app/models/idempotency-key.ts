import { integer, text, unique, varchar } from 'drizzle-orm/pg-core'
import { companyTable, ofUserMixin } from './base.ts'
import { companies } from './company.ts'
import { bigintNumber, idMixin, timestampMixin } from './mixins.ts'

/** A reply kept for 24 h, for the caller who sends the same request again. Nothing of either can be read from the table. */
export const idempotencyKeys = companyTable(
  'idempotency_keys',
  {
    ...idMixin(),
    ...timestampMixin(),
    /** Empty for who works in no company; such rows are for trusted work only. */
    company_id: bigintNumber().references(() => companies.id, { onDelete: 'cascade' }),
    ...ofUserMixin(),
    key: varchar({ length: 255 }).notNull(),
    /** Of method, path and body, under `SECRET_KEY`: a body may be a password. */
    request_hash: varchar({ length: 64 }).notNull(),
    /** Empty while the first request still runs. */
    status: integer(),
    location: text(),
    /** Sealed: it may be tokens, or a new key. */
    body: text(),
  },
  (t) => [unique('idempotency_keys_company_id_user_id_key_key').on(t.company_id, t.user_id, t.key).nullsNotDistinct()],
)
