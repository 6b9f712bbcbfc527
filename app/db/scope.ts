import type { Preamble, Query } from './engine.ts'

/** PostgreSQL's roles: what a request may do inside one company, and what trusted work may do across all. */
export type DatabaseRole = 'fastvue_app' | 'fastvue_system'

/** Who changes something: `record_activity()` (migration 0008) reads it by these names. */
export interface Actor {
  user_id: number | null
  session_id: string | null
  ip_address: string | null
  user_agent: string | null
  request_id: string | null
}

export const NOBODY: Actor = { user_id: null, session_id: null, ip_address: null, user_agent: null, request_id: null }

/** Whose rows a unit of work sees. Without a company, `fastvue_app` sees no company's rows. */
export interface Scope {
  role: DatabaseRole
  company_id: number | null
  readOnly?: boolean
  /** Who works, and from where: what the activity log says of each change. */
  actor?: Actor
  /** Work of minutes, such as an export: no statement is cut off and, if it only reads, all of them see the same moment. */
  long?: boolean
}

/** What goes before the first statement of a transaction: its beginning, and its scope. */
export function beginning(scope: Scope): Preamble[] {
  const { readOnly, long } = scope
  const begin = !readOnly ? BEGIN : long ? BEGIN_SNAPSHOT : BEGIN_READ_ONLY
  const opened = [{ ...begin, values: [] }, transactionScope(scope)]
  return long ? [...opened, { ...NO_TIMEOUTS, values: [] }] : opened
}

/** Closes a transaction to all rows but the scope's, until its end (`is_local`), and says who works in it. */
export function transactionScope(scope: Scope): Preamble {
  const { actor } = scope
  return actor
    ? { ...ACTING_SCOPE, values: [...settings(scope), JSON.stringify(actor)] }
    : { ...SCOPE, values: settings(scope) }
}

/** The same for a statement that is a transaction by itself, and only reads. */
export const readScope = (scope: Scope): Preamble => ({ ...READ_SCOPE, values: settings(scope) })

/** @throws TypeError for a company that is no number: text never gets to SQL */
function settings({ role, company_id }: Scope): string[] {
  if (company_id !== null && !Number.isSafeInteger(company_id)) throw new TypeError(`Not a company id: ${company_id}`)
  return [role, String(company_id ?? '')]
}

const BEGIN: Query = { name: 'fastvue_begin', text: 'BEGIN' }
const BEGIN_READ_ONLY: Query = { name: 'fastvue_begin_read_only', text: 'BEGIN READ ONLY' }
const BEGIN_SNAPSHOT: Query = {
  name: 'fastvue_begin_snapshot',
  text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
}
const NO_TIMEOUTS: Query = {
  name: 'fastvue_no_timeouts',
  text: `SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)`,
}
const SCOPE: Query = {
  name: 'fastvue_scope',
  text: `SELECT set_config('role', $1, true), set_config('app.company_id', $2, true)`,
}
const ACTING_SCOPE: Query = {
  name: 'fastvue_acting_scope',
  text: `SELECT set_config('role', $1, true), set_config('app.company_id', $2, true), set_config('app.actor', $3, true)`,
}
const READ_SCOPE: Query = {
  name: 'fastvue_read_scope',
  text: `SELECT set_config('transaction_read_only', 'on', true), set_config('role', $1, true), set_config('app.company_id', $2, true)`,
}
