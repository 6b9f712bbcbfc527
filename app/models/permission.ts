import { sql } from 'drizzle-orm'
import { text, unique, varchar } from 'drizzle-orm/pg-core'
import { activeMixin, idMixin, timestampMixin } from './mixins.ts'
import { sharedTable } from './table.ts'

/** The catalogue of `core/permissions.ts` as rows, so that roles and groups can refer to it. */
export const permissions = sharedTable(
  'permissions',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...activeMixin(),
    /** `resource.action` */
    name: varchar({ length: 100 }).notNull(),
    description: text(),
    resource: varchar({ length: 100 }).notNull(),
    action: varchar({ length: 50 }).notNull(),
  },
  { read: sql`true` },
  (t) => [unique('permissions_name_key').on(t.name)],
)
