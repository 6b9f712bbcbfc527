import { activityChanges, withoutMarks } from './activity-triggers.ts'
import { type Ambiguity, generateSql, type Resolution } from './drizzle-kit.ts'
import { grantChanges, withForcedRowSecurity } from './row-security.ts'
import { definitionOf, pathOf, type Rename, reversed, sequenceRenames, withRenames } from './schema-renames.ts'
import { byKey, type Entity, labelOf, type Schema, typeOf } from './schema-snapshot.ts'

/** Something is new and something of its kind is gone: the same under a new name, or another? Only a person knows. */
export interface RenameQuestion {
  /** `table`, `column`, `enum`… */
  kind: string
  /** `products.price` */
  added: string
  /** What it may have been called: `products.cost` */
  gone: string[]
}

/** @returns one of `gone`, or null when it is not a rename. */
export type AnswerRename = (question: RenameQuestion) => Promise<string | null>

export interface SchemaChange {
  up: string[]
  down: string[]
  renames: Rename[]
}

/** The SQL that leads from one schema to another, and the SQL that leads back. */
export async function diffSchemas(before: Schema, after: Schema, answer: AnswerRename): Promise<SchemaChange> {
  const { sql: up, renames } = await sqlBetween(before, after, [], answer)
  const { sql: down } = await sqlBetween(after, before, reversed(renames), async () => null)
  return { up, down, renames }
}

async function sqlBetween(before: Schema, after: Schema, known: Rename[], answer: AnswerRename) {
  const resolutions: Resolution[] = [...known]
  const renames = [...known]
  for (;;) {
    const result = await generateSql(withoutMarks(before), withoutMarks(after), resolutions)
    if ('sql' in result) {
      const current = withRenames(before, renames)
      const sql = [
        ...withForcedRowSecurity(result.sql),
        ...sequenceRenames(current, after),
        ...grantChanges(current, after),
        ...activityChanges(current, after, renames),
      ]
      return { sql: sql.map(tidy), renames }
    }
    for (const ambiguity of result.ambiguities) {
      // Each rename helps to recognise the next: an index by its column, a column by its table.
      const from = await findOrigin(ambiguity, withRenames(before, renames), after, answer)
      if (from) renames.push({ ...ambiguity, from: pathOf(from) })
      resolutions.push({ ...ambiguity, from: from && pathOf(from) })
    }
  }
}

/** What can be made anew without loss, so that nobody need be asked. */
export const REPLACEABLE = [
  'policy',
  'index',
  'unique',
  'check',
  'primary_key',
  'foreign key',
  'default',
  'view',
  'role',
]

async function findOrigin({ kind, path }: Ambiguity, before: Schema, after: Schema, answer: AnswerRename) {
  const entityType = typeOf(kind)
  const [then, now] = [byKey(before), byKey(after)]
  const added = after.ddl.find((one) => one.entityType === entityType && pathOf(one).join('\0') === path.join('\0'))
  const isCandidate = ([key, one]: [string, Entity]) =>
    one.entityType === entityType && one.table === added?.table && !now.has(key)
  const gone = [...then].filter(isCandidate).map(([, one]) => one)
  if (!added || gone.length === 0) return undefined
  if (REPLACEABLE.includes(kind)) return gone.find((one) => definitionOf(one) === definitionOf(added))
  const chosen = await answer({ kind, added: labelOf(added), gone: gone.map(labelOf) })
  return gone.find((one) => labelOf(one) === chosen)
}

const tidy = (statement: string): string => statement.trim().replaceAll('\t', '  ')
