import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, text, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
import { companies } from './company.ts'
import { activeMixin, bigintNumber, idMixin, softDeleteMixin, timestampMixin, timestamptz } from './mixins.ts'
import { sharedTable, systemTable } from './table.ts'

const profile = () => ({
  ...idMixin(),
  ...timestampMixin(),
  ...softDeleteMixin(),
  ...activeMixin(),
  email: varchar({ length: 255 }).notNull(),
  username: varchar({ length: 100 }).notNull(),
  full_name: varchar({ length: 255 }),
  is_superuser: boolean().notNull().default(false),
  is_verified: boolean().notNull().default(false),
  current_company_id: bigintNumber().references(() => companies.id, { onDelete: 'set null' }),
  avatar_url: varchar({ length: 500 }),
  bio: text(),
  phone: varchar({ length: 50 }),
  location: varchar({ length: 255 }),
  website: varchar({ length: 500 }),
  timezone: varchar({ length: 50 }).notNull().default('UTC'),
  language: varchar({ length: 10 }).notNull().default('en'),
  last_login_at: timestamptz(),
})

/**
 * A person, who may work in several companies. A company sees its members, and of them the columns of `userProfiles`.
 *
 * A company that adds somebody must not learn whether another one knows that e-mail address or username. So neither is
 * refused for a stranger's sake: the first account owns the name, a later one has it without owning it.
 */
export const users = sharedTable(
  'users',
  {
    ...profile(),
    /** argon2id, in PHC string format; empty for who has no password */
    password_hash: varchar({ length: 255 }).notNull(),
    password_changed_at: timestamptz(),
    /** Whether this is the account that the address means where only one can be meant; then it is unique, in any case of letters. */
    owns_email: boolean().notNull().default(true),
    owns_username: boolean().notNull().default(true),
    failed_login_attempts: integer().notNull().default(0),
    locked_until: timestamptz(),
  },
  { read: sql`id in (select user_id from user_company_roles)` },
  (t) => [
    uniqueIndex('users_email_key')
      .on(sql`lower(${t.email})`)
      .where(sql`owns_email`),
    uniqueIndex('users_username_key')
      .on(sql`lower(${t.username})`)
      .where(sql`owns_username`),
    index('users_email_idx').on(sql`lower(${t.email})`),
    index('users_username_idx').on(sql`lower(${t.username})`),
  ],
)

/** `users` as requests may read it: their migration grants these columns and no others. */
export const userProfiles = pgTable('users', profile())

/** A log-in on one device. Its refresh token changes at each use; only the newest one's id is kept, hashed. */
export const sessions = systemTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    ...timestampMixin(),
    user_id: bigintNumber()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    company_id: bigintNumber().references(() => companies.id, { onDelete: 'set null' }),
    refresh_hash: varchar({ length: 64 }).notNull(),
    expires_at: timestamptz().notNull(),
    revoked_at: timestamptz(),
    ip_address: varchar({ length: 45 }),
    user_agent: varchar({ length: 500 }),
  },
  (t) => [index('sessions_user_id_idx').on(t.user_id)],
)
