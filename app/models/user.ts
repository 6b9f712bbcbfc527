import { sql } from 'drizzle-orm'
import { boolean, index, text, uniqueIndex, uuid, varchar } from 'drizzle-orm/pg-core'
import { companies } from './company.ts'
import { activeMixin, bigintNumber, idMixin, timestampMixin, timestamptz } from './mixins.ts'
import { systemTable } from './table.ts'

/** A person, who may work in several companies. E-mail and username are unique whatever their case. */
export const users = systemTable(
  'users',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...activeMixin(),
    email: varchar({ length: 255 }).notNull(),
    username: varchar({ length: 100 }).notNull(),
    full_name: varchar({ length: 255 }),
    /** argon2id, in PHC string format */
    password_hash: varchar({ length: 255 }).notNull(),
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
  },
  (t) => [
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    uniqueIndex('users_username_key').on(sql`lower(${t.username})`),
  ],
)

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
