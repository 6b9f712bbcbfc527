import { migrationsOf } from '../db/migration-files.ts'
import { planSteps, type Step } from '../db/migration-plan.ts'
import { migrate as migrateDatabase, migrationStatus } from '../db/migrator.ts'
import { syncPermissions } from '../services/init-db.ts'
import type { ManagementCommand } from './command.ts'

const VERBS = { apply: 'Applying', revert: 'Reverting' }

export const migrate: ManagementCommand = {
  name: 'migrate',
  group: 'Database',
  summary: 'Bring the database to the newest migration, or to the one named',
  example: './manage migrate',
  completions: { target: 'migrations' },
  configure(parser) {
    parser
      .argument('[target]', 'a migration (0002 will do), forward or backward; "zero" reverts all')
      .option('--plan', 'show the steps, and do none')
      .option('--check', 'exit 1 when a step is to be done, and do none')
      .option('--fake', 'record the steps as done without running their SQL')
  },
  async run({ args: [target], options, terminal, settings, database }) {
    const migrations = migrationsOf(settings)
    const engine = await database()
    const { applied, lost } = await migrationStatus(engine, migrations)
    for (const name of lost) terminal.warn(`The database has ${name}, which is not in migrations/`)

    if (options['plan'] || options['check']) {
      const steps = planSteps(migrations, new Set(applied.map(({ name }) => name)), target)
      terminal.show(steps.map(describe), () => (steps.length > 0 ? steps.map(line).join('\n') : NOTHING))
      return options['check'] && steps.length > 0 ? 1 : 0
    }

    const done: unknown[] = []
    await migrateDatabase(engine, migrations, {
      target,
      fake: options['fake'] === true,
      onStep(step, milliseconds) {
        done.push({ ...describe(step), duration_ms: milliseconds })
        terminal.say(`${line(step)}... OK (${options['fake'] ? 'recorded only' : `${milliseconds} ms`})`)
      },
    })
    const { pending } = await migrationStatus(engine, migrations)
    // The catalogue is of the newest code, and needs its tables.
    if (pending.length === 0 && !options['fake']) await syncPermissions(engine, settings)
    if (done.length === 0) terminal.say(NOTHING)
    if (terminal.json) terminal.show(done, () => '')
    return 0
  },
}

const NOTHING = 'No migrations to apply.'
const describe = ({ direction, migration }: Step) => ({ name: migration.name, direction })
const line = ({ direction, migration }: Step): string => `  ${VERBS[direction]} ${migration.name}`
