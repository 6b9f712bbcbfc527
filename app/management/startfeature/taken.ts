import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { RESOURCES } from '../../core/permissions.ts'
import * as models from '../../models/index.ts'
import { type FeatureNames, filesOf } from './names.ts'

/** What stands in a feature's way, by name: a table, permissions, schemas, routes, files. */
export function takenNames(names: FeatureNames, root: string): string[] {
  const { one, many, resource, path } = names
  const tables: string[] = Object.values(models).flatMap((model) => (is(model, PgTable) ? [getTableName(model)] : []))
  const schemas = schemaNames(root)
  return [
    ...(tables.includes(many.snake) ? [`table ${many.snake}`] : []),
    ...(many.camel in models ? [`model ${many.camel}`] : []),
    ...(resource in RESOURCES ? [`permissions ${resource}.*`] : []),
    ...['', 'Create', 'Update', 'List']
      .map((suffix) => one.pascal + suffix)
      .filter((name) => schemas.has(name))
      .map((name) => `schema ${name}`),
    ...(textOf(join(root, 'app/api/v1/index.ts')).includes(`'${path}'`) ? [`routes ${path}`] : []),
    ...Object.values(filesOf(names)).filter((file) => existsSync(join(root, file))),
  ]
}

/** The names that schemas have in the OpenAPI document. */
function schemaNames(root: string): ReadonlySet<string | undefined> {
  const text = globSync('app/schemas/*.ts', { cwd: root }).map((file) => textOf(join(root, file)))
  return new Set([...text.join('\n').matchAll(/\bid: '(\w+)'/g)].map(([, name]) => name))
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')
