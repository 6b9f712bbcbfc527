import type { DatabaseRole } from './scope.ts'
import { labelOf, type Schema } from './schema-snapshot.ts'

const COMMANDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/** SQL with `FORCE` after each `ENABLE ROW LEVEL SECURITY`: without it the tables' owner passes all policies. */
export function withForcedRowSecurity(statements: string[]): string[] {
  return statements.flatMap((statement) => {
    const [, table, change] = /^ALTER TABLE (\S+) (ENABLE|DISABLE) ROW LEVEL SECURITY;/.exec(statement) ?? []
    if (!table) return [statement]
    return [statement, `ALTER TABLE ${table} ${change === 'ENABLE' ? 'FORCE' : 'NO FORCE'} ROW LEVEL SECURITY;`]
  })
}

/**
 * GRANT and REVOKE from one schema to the next: trusted work may do everything to every table, requests exactly what a
 * table's policies for them allow, so nothing where it has none. `before` has the tables' names of `after`.
 */
export function grantChanges(before: Schema, after: Schema): string[] {
  const had = grantsOf(before)
  return [...grantsOf(after)].flatMap(([table, now]) => {
    const then = had.get(table)
    return [
      ...change('GRANT', difference(now.fastvue_system, then?.fastvue_system), table, 'TO fastvue_system'),
      ...change('GRANT', difference(now.fastvue_app, then?.fastvue_app), table, 'TO fastvue_app'),
      ...change('REVOKE', difference(then?.fastvue_app, now.fastvue_app), table, 'FROM fastvue_app'),
    ]
  })
}

type Grants = Record<DatabaseRole, string[]>

function grantsOf({ ddl }: Schema): Map<string, Grants> {
  const tables = ddl.filter(({ entityType }) => entityType === 'tables')
  return new Map(
    tables.map(({ schema, name }) => {
      const allowed = ddl
        .filter((it) => it.table === name && it.schema === schema && isForRequests(it))
        .map((it) => it['for'])
      const fastvue_app = COMMANDS.filter((command) => allowed.includes(command) || allowed.includes('ALL'))
      return [quoted(labelOf({ schema, name })), { fastvue_system: COMMANDS, fastvue_app }]
    }),
  )
}

// A restrictive policy only takes away from what the others give.
const isForRequests = ({ entityType, as, roles }: Schema['ddl'][number]): boolean =>
  entityType === 'policies' && as === 'PERMISSIVE' && Array.isArray(roles) && roles.includes('fastvue_app')

const difference = (some: string[] = [], others: string[] = []) => some.filter((one) => !others.includes(one))

const change = (verb: string, commands: string[], table: string, role: string): string[] =>
  commands.length > 0 ? [`${verb} ${commands.join(', ')} ON ${table} ${role};`] : []

const quoted = (label: string): string =>
  label
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
