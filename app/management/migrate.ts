import { migrationsOf } from '../db/migration-files.ts'
import { planSteps, type Step } from '../db/migration-plan.ts'
import { migrate as migrateDatabase, migrationStatus } from '../db/migrator.ts'
import type { CatalogueChanges } from '../services/catalogue-changes.ts'
import { lookAtPermissions, syncPermissions } from '../services/init-db.ts'
import type { ManagementCommand } from './command.ts'
import { confirmDestruction } from './confirm-destruction.ts'

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
      .option('-f, --force', 'do not ask before reverting')
      .option('--i-know-this-is-production', 'allow reverting in production')
  },
  async run(invocation) {
    const {
      args: [target],
      options,
      terminal,
      settings,
      database,
    } = invocation
    const migrations = migrationsOf(settings)
    const engine = await database()
    const { applied, pending, lost } = await migrationStatus(engine, migrations)
    for (const name of lost) terminal.warn(`The database has ${name}, which is not in migrations/`)

    const steps = planSteps(migrations, new Set(applied.map(({ name }) => name)), target)
    if (options['plan'] || options['check']) {
      const copied = pending.length + steps.length === 0 ? await lookAtPermissions(engine, settings) : IN_STEP
      const lines = [...steps.map(line), ...linesOf(copied)]
      terminal.show([...steps.map(describe), ...describeCopied(copied)], () => lines.join('\n') || NOTHING)
      return options['check'] && lines.length > 0 ? 1 : 0
    }
    if (!options['fake'] && steps.some(({ direction }) => direction === 'revert'))
      await confirmDestruction(invocation, engine, `migrate ${target}`)

    const done: unknown[] = []
    await migrateDatabase(engine, migrations, {
      target,
      fake: options['fake'] === true,
      onStep(step, milliseconds) {
        done.push({ ...describe(step), duration_ms: milliseconds })
        terminal.say(`${line(step)}... OK (${options['fake'] ? 'recorded only' : `${milliseconds} ms`})`)
      },
    })
    const { pending: left } = await migrationStatus(engine, migrations)
    // The catalogue is of the newest code, and needs its tables.
    if (left.length === 0 && !options['fake']) {
      const copied = await syncPermissions(engine, settings)
      done.push(...describeCopied(copied))
      if (isChange(copied)) terminal.say(countsOf(copied))
    }
    if (done.length === 0) terminal.say(NOTHING)
    if (terminal.json) terminal.show(done, () => '')
    return 0
  },
}

const NOTHING = 'No migrations to apply.'
const describe = ({ direction, migration }: Step) => ({ name: migration.name, direction })
const line = ({ direction, migration }: Step): string => `  ${VERBS[direction]} ${migration.name}`

const IN_STEP: CatalogueChanges = { permissions: [], roles: [] }
const isChange = ({ permissions, roles }: CatalogueChanges) => permissions.length + roles.length > 0
const describeCopied = (copied: CatalogueChanges) =>
  isChange(copied) ? [{ name: 'permissions', direction: 'copy', ...copied }] : []
const linesOf = ({ permissions, roles }: CatalogueChanges): string[] => [
  ...permissions.map((name) => `  Adding permission ${name}`),
  ...roles.map((codename) => `  Bringing role ${codename} in step`),
]
const countsOf = ({ permissions, roles }: CatalogueChanges): string =>
  `Permissions: ${permissions.length} added; roles: ${roles.length} brought in step`
