import { sql } from 'drizzle-orm'
import { boolean, index, primaryKey, text, unique, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, ofUserMixin } from './base.ts'
import { companies } from './company.ts'
import { activeMixin, bigintNumber, idMixin, timestampMixin } from './mixins.ts'
import { permissions } from './permission.ts'
import { companyTable, currentCompany, sharedTable } from './table.ts'

const own = sql`company_id = ${currentCompany} and not is_system_role`

/** A named set of permissions, of one company or, without one, of all. */
export const roles = sharedTable(
  'roles',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...activeMixin(),
    name: varchar({ length: 100 }).notNull(),
    codename: varchar({ length: 100 }).notNull(),
    description: text(),
    company_id: bigintNumber().references(() => companies.id, { onDelete: 'cascade' }),
    is_system_role: boolean().notNull().default(false),
  },
  { read: sql`company_id is null or company_id = ${currentCompany}`, write: own },
  (t) => [
    unique('roles_company_id_codename_key').on(t.company_id, t.codename).nullsNotDistinct(),
    unique('roles_company_id_name_key').on(t.company_id, t.name).nullsNotDistinct(),
  ],
)

export const rolePermissions = sharedTable(
  'role_permissions',
  {
    role_id: bigintNumber()
      .notNull()
      .references(() => roles.id, { onDelete: 'cascade' }),
    permission_id: bigintNumber()
      .notNull()
      .references(() => permissions.id, { onDelete: 'cascade' }),
  },
  {
    read: sql`role_id in (select id from roles)`,
    write: sql`role_id in (select id from roles where ${own})`,
  },
  (t) => [
    primaryKey({ columns: [t.role_id, t.permission_id] }),
    index('role_permissions_permission_id_idx').on(t.permission_id),
  ],
)

/** Membership: this user has this role in this company. */
export const userCompanyRoles = companyTable(
  'user_company_roles',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...activeMixin(),
    ...ofUserMixin(),
    ...companyScopedMixin(),
    role_id: bigintNumber()
      .notNull()
      .references(() => roles.id, { onDelete: 'cascade' }),
    is_default: boolean().notNull().default(false),
  },
  (t) => [
    unique('user_company_roles_user_id_company_id_role_id_key').on(t.user_id, t.company_id, t.role_id),
    index('user_company_roles_company_id_idx').on(t.company_id),
    index('user_company_roles_role_id_idx').on(t.role_id),
  ],
)
