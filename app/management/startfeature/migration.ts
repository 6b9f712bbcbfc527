import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { draftMigration } from '../../db/migration-draft.ts'
import { migrationsOf, migrationFiles } from '../../db/migration-files.ts'
import * as models from '../../models/index.ts'
import { schemaOfModels } from '../../models/schema.ts'
import { CommandError } from '../command-error.ts'
import type { Feature } from './feature.ts'
import type { PlannedFile } from './write-files.ts'

const MODELS = join(import.meta.dirname, '../../models')

/**
 * The migration that `makemigrations` would write once the model is there. This process has loaded the models as they are, and
 * nothing may be written yet; so the model's own text is loaded from a temporary file, its imports made absolute. It then is
 * made of the very modules that the other models are made of, and nothing else has to know what a model's text means.
 * @throws CommandError when other changes of the models have no migration yet
 */
export async function featureMigration({ many }: Feature, model: string, root: string): Promise<PlannedFile[]> {
  // In the order in which a module has its exports, as makemigrations finds them.
  const all = Object.entries({ ...models, ...(await loadModel(model)) }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const schema = await schemaOfModels(Object.fromEntries(all))
  const migrations = migrationsOf({ directory: root })
  const drafted = await draftMigration(migrations, schema, async () => null, `add ${many.snake}`)
  if (!drafted || drafted.changes.length > 1)
    throw new CommandError('The models have changes without a migration: run ./manage makemigrations first')
  const { migration } = drafted
  return Object.entries(migrationFiles(migration)).map(([file, text]) => ({
    path: join('migrations', migration.name, file),
    text,
  }))
}

async function loadModel(code: string): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'fastvue-feature-'))
  try {
    const file = join(folder, 'model.ts')
    const absolute = code.replaceAll(/^(import .* from|\} from) '(.+)'$/gm, (_, what: string, module: string) => {
      const url = module.startsWith('.') ? pathToFileURL(join(MODELS, module)).href : import.meta.resolve(module)
      return `${what} '${url}'`
    })
    writeFileSync(file, absolute)
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } finally {
    rmSync(folder, { recursive: true })
  }
}
