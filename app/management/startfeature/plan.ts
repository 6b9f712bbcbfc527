import { attackCaseFile } from './attack-case.ts'
import type { Feature } from './feature.ts'
import { formatted } from './format.ts'
import { featureMigration } from './migration.ts'
import { modelFile } from './model.ts'
import { filesOf } from './names.ts'
import { modelFileOf } from './referable.ts'
import { registeredFiles } from './registrations.ts'
import { routesFile } from './routes.ts'
import { schemaFile } from './schema.ts'
import { serviceFile } from './service.ts'
import { testFile } from './test.ts'
import type { PlannedFile } from './write-files.ts'

/**
 * Every file that a feature adds or changes, made in memory.
 * @throws CommandError when the project is not as expected; a line for each such thing
 */
export async function planFeature(feature: Feature, root: string): Promise<PlannedFile[]> {
  const registered = registeredFiles(feature, root)
  const paths = filesOf(feature)
  const model = modelFile(feature, (target) => modelFileOf(target, root))
  const created = await Promise.all(
    [
      { path: paths.model, text: model },
      { path: paths.schema, text: schemaFile(feature) },
      { path: paths.service, text: serviceFile(feature) },
      { path: paths.routes, text: routesFile(feature) },
      { path: paths.attackCase, text: attackCaseFile(feature) },
      { path: paths.test, text: testFile(feature) },
    ].map(async ({ path, text }) => ({ path, text: await formatted(root, path, text) })),
  )
  return [...created, ...(await featureMigration(feature, model, root)), ...registered]
}
