import { clip, maskSecrets } from '../../core/secret-names.ts'
import { type Actor, NOBODY } from '../../db/scope.ts'
import type { Db } from '../../db/session.ts'
import type { activityLogs, ActivityCategory, ActivityLevel } from '../../models/activity-log.ts'
import type { Row } from '../record.ts'
import { JUDGED, type RiskReason, SUSPICIOUS } from './risk.ts'

export type ActivityLogRow = Row<typeof activityLogs>

/** What happened. Texts that are too long are cut; secrets in values and metadata are masked. */
export interface Activity {
  /** `login`, `create`, `approve` … */
  action: string
  category?: ActivityCategory
  level?: ActivityLevel
  /** A table's name, and the row's id and what it was called. */
  entity_type?: string | null
  entity_id?: number | null
  entity_name?: string | null
  description?: string | null
  old_values?: Record<string, unknown> | null
  new_values?: Record<string, unknown> | null
  metadata?: Record<string, unknown>
  success?: boolean
  error_message?: string | null
  /** Who did it, and from where; left out, the actor of the unit of work. */
  user_id?: number | null
  session_id?: string | null
  ip_address?: string | null
  user_agent?: string | null
  request_id?: string | null
  /** What makes it risky beyond the user's own history; each is one of `RISK`. */
  findings?: RiskReason[]
}

/** An entry, and whose it is. Without a company only superusers see it. */
export interface PlacedActivity extends Activity {
  company_id: number | null
}

/**
 * Writes entries in the transaction of `db`, in one statement that judges their risk too. Trusted work may write entries of any
 * company, or of none; requests those of their own.
 */
export async function recordActivity(db: Db, entries: PlacedActivity[]): Promise<ActivityLogRow[]> {
  if (entries.length === 0) return []
  const actor = db.unit.scope.actor ?? NOBODY
  const rows = entries.map((entry) => bounded({ ...actor, ...entry }))
  return (await db.unit.query<ActivityLogRow>(RECORD, [JSON.stringify(rows)])).rows
}

/** As the columns take it. */
function bounded({ old_values, new_values, metadata = {}, findings = [], ...entry }: Actor & PlacedActivity) {
  const text = (value: string | null | undefined, most: number) => value && clip(value, most)
  return {
    ...entry,
    action: clip(entry.action, 50),
    category: entry.category ?? 'data_management',
    level: entry.level ?? 'info',
    entity_type: text(entry.entity_type, 100),
    entity_name: text(entry.entity_name, 255),
    description: text(entry.description, 2000),
    error_message: text(entry.error_message, 2000),
    ip_address: text(entry.ip_address, 45),
    user_agent: text(entry.user_agent, 500),
    request_id: text(entry.request_id, 100),
    success: entry.success ?? true,
    old_values: old_values && maskSecrets(old_values),
    new_values: new_values && maskSecrets(new_values),
    metadata: maskSecrets(metadata),
    findings,
  }
}

const COLUMNS: [name: string, type: string][] = [
  ['company_id', 'bigint'],
  ['user_id', 'bigint'],
  ['action', 'text'],
  ['category', 'text'],
  ['level', 'text'],
  ['entity_type', 'text'],
  ['entity_id', 'bigint'],
  ['entity_name', 'text'],
  ['description', 'text'],
  ['old_values', 'jsonb'],
  ['new_values', 'jsonb'],
  ['metadata', 'jsonb'],
  ['ip_address', 'text'],
  ['user_agent', 'text'],
  ['request_id', 'text'],
  ['session_id', 'uuid'],
  ['success', 'boolean'],
  ['error_message', 'text'],
]
const names = COLUMNS.map(([name]) => name).join(', ')

const RECORD = {
  name: 'fastvue_record_activity',
  text: `
    insert into activity_logs (${names}, risk_score, risk_reasons, is_suspicious)
    select ${COLUMNS.map(([name]) => `e.${name}`).join(', ')}, risk.score, risk.reasons, risk.score >= ${SUSPICIOUS}
    from jsonb_to_recordset($1::jsonb) as e(${COLUMNS.map((column) => column.join(' ')).join(', ')}, findings jsonb) ${JUDGED}
    returning *`,
}
