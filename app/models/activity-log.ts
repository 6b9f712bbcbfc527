import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, primaryKey, smallint, text, uuid, varchar } from 'drizzle-orm/pg-core'
import { bigintNumber, timestamptz, uidMixin } from './mixins.ts'
import { currentCompany, sharedTable } from './table.ts'

/** What an entry is about. */
export const ActivityCategory = {
  AUTHENTICATION: 'authentication',
  AUTHORIZATION: 'authorization',
  USER_MANAGEMENT: 'user_management',
  DATA_MANAGEMENT: 'data_management',
  SYSTEM_MANAGEMENT: 'system_management',
  SECURITY: 'security',
  WORKFLOW: 'workflow',
  API: 'api',
  FILE_MANAGEMENT: 'file_management',
  CONFIGURATION: 'configuration',
  NOTIFICATION: 'notification',
  INTEGRATION: 'integration',
} as const
export type ActivityCategory = (typeof ActivityCategory)[keyof typeof ActivityCategory]

/** How much it matters. */
export const ActivityLevel = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warning',
  ERROR: 'error',
  CRITICAL: 'critical',
} as const
export type ActivityLevel = (typeof ActivityLevel)[keyof typeof ActivityLevel]

const own = sql`company_id = ${currentCompany}`

/**
 * Who did what to what, and when. Requests add entries; they can neither change nor delete one. In partitions, one a month
 * (migration 0009), so that what is too old goes with its partition.
 */
export const activityLogs = sharedTable(
  'activity_logs',
  {
    /** As `idMixin` has it; the key of a table in partitions begins with it and has the month's column too. */
    id: bigintNumber()
      .notNull()
      .default(sql`new_id()`),
    ...uidMixin(),
    created_at: timestamptz()
      .notNull()
      .default(sql`now()`),
    /**
     * Empty for what belongs to no company, such as a log-in that failed. Entries go with their company, by a trigger of it
     * (migration 0013): a foreign key would look the company up once more for each change of a record of it.
     */
    company_id: bigintNumber(),
    /** Who did it. Emptied when the account is removed, likewise. */
    user_id: bigintNumber(),
    action: varchar({ length: 50 }).notNull(),
    category: varchar({ length: 30 }).$type<ActivityCategory>().notNull().default(ActivityCategory.DATA_MANAGEMENT),
    level: varchar({ length: 10 }).$type<ActivityLevel>().notNull().default(ActivityLevel.INFO),
    /** A table's name. */
    entity_type: varchar({ length: 100 }),
    entity_id: bigintNumber(),
    /** What the entity was called then. */
    entity_name: varchar({ length: 255 }),
    description: text(),
    old_values: jsonb().$type<Record<string, unknown>>(),
    new_values: jsonb().$type<Record<string, unknown>>(),
    metadata: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    ip_address: varchar({ length: 45 }),
    user_agent: varchar({ length: 500 }),
    request_id: varchar({ length: 100 }),
    session_id: uuid(),
    success: boolean().notNull().default(true),
    error_message: text(),
    /** 0 to 100 */
    risk_score: smallint().notNull().default(0),
    risk_reasons: jsonb().$type<string[]>().notNull().default([]),
    is_suspicious: boolean().notNull().default(false),
  },
  { read: own, add: own },
  (t) => [
    primaryKey({ columns: [t.id, t.created_at] }),
    index('activity_logs_uid_idx').on(t.uid),
    index('activity_logs_company_id_created_at_id_idx').on(t.company_id, t.created_at, t.id),
    index('activity_logs_company_id_entity_type_entity_id_id_idx').on(t.company_id, t.entity_type, t.entity_id, t.id),
    index('activity_logs_user_id_company_id_id_idx').on(t.user_id, t.company_id, t.id),
  ],
)
