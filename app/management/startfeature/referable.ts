import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { is } from 'drizzle-orm'
import { PgTable, getTableConfig } from 'drizzle-orm/pg-core'
import { CommandError } from '../command-error.ts'
import * as models from '../../models/index.ts'

/** A table that a field may refer to. */
export interface Target {
  table: string
  /** What code calls it: `companies`. */
  constant: string
  /** Its rows carry their company, so that a foreign key can. */
  ofCompany: boolean
}

/** Tables without rows of one company alone; `References` knows which of theirs a company sees. */
const SHARED = ['companies', 'users', 'roles']

export const REFERABLE: ReadonlyMap<string, Target> = new Map(
  Object.entries(models).flatMap(([constant, model]) => {
    if (!is(model, PgTable)) return []
    const { name: table, indexes } = getTableConfig(model)
    const ofCompany = indexes.some((index) => index.config.name === `${table}_company_id_id_key`)
    return ofCompany || SHARED.includes(table) ? [[table, { table, constant, ofCompany }]] : []
  }),
)

/** The file of `app/models` that has a table: models import each other, never the index. */
export function modelFileOf({ constant }: Target, root: string): string {
  const index = readFileSync(join(root, 'app/models/index.ts'), 'utf8')
  const exported = [...index.matchAll(/export \{([^}]*)\} from '(.+)'/g)]
  const [, , file] = exported.find(([, names = '']) => names.split(/[\s,]+/).includes(constant)) ?? []
  if (!file) throw new CommandError(`app/models/index.ts does not say where ${constant} is`)
  return file
}
