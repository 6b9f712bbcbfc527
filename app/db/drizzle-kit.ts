import { createRequire } from 'node:module'
import type * as DrizzleKit from 'drizzle-kit/api-postgres'
import { Schema } from './schema-snapshot.ts'

/** Is this thing new, or something of its kind that is gone, renamed? Unanswered so far. */
export interface Ambiguity {
  /** `table`, `primary_key`…: drizzle-kit's word */
  kind: DrizzleKit.MissingHint['kind']
  path: readonly string[]
}

/** An answer to one: where it came from under which name, or nowhere. */
export interface Resolution extends Ambiguity {
  from?: readonly string[]
}

/** The models as a schema. */
export async function schemaOf(models: Record<string, unknown>): Promise<Schema> {
  const { version, dialect, ddl } = await kit().generateDrizzleJson(models)
  // Named in the SQL, so that a constraint's name follows its table's and errors can be told by it. (Left to itself
  // drizzle-kit keeps the old name in the database and writes the new one in the snapshot.)
  const named = ddl.map((entity) => ('nameExplicit' in entity ? { ...entity, nameExplicit: true } : entity))
  return Schema.parse(JSON.parse(JSON.stringify({ version, dialect, ddl: named })))
}

/** The SQL from one schema to another, or the ambiguities to resolve first. */
export async function generateSql(
  before: Schema,
  after: Schema,
  resolutions: Resolution[],
): Promise<{ sql: string[] } | { ambiguities: Ambiguity[] }> {
  const hints = resolutions.map(hintOf)
  try {
    return { sql: await kit().generateMigration({ ...before, prevIds: [] }, { ...after, prevIds: [] }, { hints }) }
  } catch (error) {
    if (!(error instanceof Error && 'missingHints' in error)) throw error
    const missing = error.missingHints as DrizzleKit.MissingHint[]
    return { ambiguities: missing.map(({ kind, entity }) => ({ kind, path: entity })) }
  }
}

const hintOf = ({ kind, path, from }: Resolution): DrizzleKit.Hint =>
  (from ? { type: 'rename', kind, from, to: path } : { type: 'create', kind, entity: path }) as DrizzleKit.Hint

/** Loaded only to make migrations: it is large, and has no part in serving. */
const kit = () => createRequire(import.meta.url)('drizzle-kit/api-postgres') as typeof DrizzleKit
