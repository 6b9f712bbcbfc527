import { integer, text, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, companyTable, ofUserMixin } from './base.ts'
import { idMixin, timestampMixin } from './mixins.ts'

/** A reply kept for 24 h, for the caller who sends the same request again. */
export const idempotencyKeys = companyTable(
  'idempotency_keys',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...companyScopedMixin(),
    ...ofUserMixin(),
    key: varchar({ length: 255 }).notNull(),
    /** SHA-256 of method, path and body */
    request_hash: varchar({ length: 64 }).notNull(),
    /** Empty while the first request still runs; nobody else can see the row then. */
    status: integer(),
    location: text(),
    body: text(),
  },
  (t) => [uniqueIndex('idempotency_keys_company_id_user_id_key_key').on(t.company_id, t.user_id, t.key)],
)
