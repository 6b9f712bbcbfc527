import type { PgTable } from 'drizzle-orm/pg-core'
import type { Context } from '../../../app/services/context.ts'
import type { AttackCase } from '../attack.ts'

/** The victim's records, by the routes that show them. Each has the secret in its texts. */
export interface Victim {
  company_id: number
  /** One of each feature, by its table. */
  records: Record<string, FeatureRecord>
  user_id: number
  role_id: number
  group_id: number
  /** Of the catalogue, which all companies share. */
  permission_id: number
  session_id: string
  api_key_id: number
  passkey_id: number
  oauth_account_id: number
  /** On the product. */
  message_id: number
  activity_log_id: number
  /** Of the user. Everybody else has one in the company as well, members or not. */
  inbox_item_id: number
  notification_id: number
  /** E-mail address of the user. */
  email: string
  username: string
}

export type FeatureRecord = { id: number } & Record<string, unknown>

/** What the isolation tests need to know of a feature. */
export interface Feature {
  table: PgTable
  /** Makes a record in the company of the context, with the secret in its texts. */
  create: (ctx: Context, changes?: object) => Promise<FeatureRecord>
  /** Its routes, called with what is the victim's. */
  cases: (victim: Victim, record: FeatureRecord) => Record<string, AttackCase>
}

/** About one of the victim's records: not there. */
export const item = (id: number | string, body?: object): AttackCase => ({ allowed: [404], params: { id }, body })
/** Open to everybody, and about nobody. */
export const open = (allowed: number[], body?: object): AttackCase => ({ allowed, body })
/** About the caller alone, or the caller's company. */
export const own = (allowed: number[], body?: object): AttackCase => ({ allowed, body })
/** Names the victim's company, or a record of it, in the body. */
export const forbidden = (body: object): AttackCase => ({ allowed: [403], body })
/** Refers to the victim's records in the body: as if they never were. */
export const dangling = (body: object): AttackCase => ({ allowed: [400], body })
