import * as models from '../../models/index.ts'
import type { Check } from './check.ts'

export const migrationChecks: Check[] = [
  {
    id: 'migrations.E001',
    about: 'The folder of migrations cannot be read',
    hint: 'Bring it back from version control',
    find: ({ unreadable }) => unreadable,
  },
  {
    id: 'migrations.W001',
    about: 'The models differ from the newest migration',
    hint: 'Run ./manage makemigrations, or join the branches that it names',
    start: 'left out',
    async find({ migrations }) {
      if (!migrations) return undefined
      // Large, and of no use to a server.
      const [{ schemaOfModels }, { draftMigration }, { sentence }] = await Promise.all([
        import('../../models/schema.ts'),
        import('../../db/migration-draft.ts'),
        import('../../db/schema-changes.ts'),
      ])
      const drafted = await draftMigration(migrations, await schemaOfModels(models), async () => null)
      return drafted ? drafted.changes.map(sentence).join('; ') : undefined
    },
  },
]
