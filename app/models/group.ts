import { sql } from 'drizzle-orm'
import { boolean, index, primaryKey, text, unique, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, ofUserMixin } from './base.ts'
import { activeMixin, bigintNumber, idMixin, timestampMixin } from './mixins.ts'
import { permissions } from './permission.ts'
import { companyTable, sharedTable } from './table.ts'

const ofCompany = sql`group_id in (select id from groups)`

/** Members of one company who share permissions beside their roles. */
export const groups = companyTable(
  'groups',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...activeMixin(),
    name: varchar({ length: 100 }).notNull(),
    codename: varchar({ length: 100 }).notNull(),
    description: text(),
    ...companyScopedMixin(),
    is_system_group: boolean().notNull().default(false),
  },
  (t) => [
    unique('groups_company_id_codename_key').on(t.company_id, t.codename),
    unique('groups_company_id_name_key').on(t.company_id, t.name),
  ],
)

export const userGroups = sharedTable(
  'user_groups',
  {
    ...ofUserMixin(),
    group_id: bigintNumber()
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
  },
  { read: ofCompany, write: ofCompany },
  (t) => [primaryKey({ columns: [t.user_id, t.group_id] }), index('user_groups_group_id_idx').on(t.group_id)],
)

export const groupPermissions = sharedTable(
  'group_permissions',
  {
    group_id: bigintNumber()
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    permission_id: bigintNumber()
      .notNull()
      .references(() => permissions.id, { onDelete: 'cascade' }),
  },
  { read: ofCompany, write: ofCompany },
  (t) => [
    primaryKey({ columns: [t.group_id, t.permission_id] }),
    index('group_permissions_permission_id_idx').on(t.permission_id),
  ],
)
