import { join } from 'node:path'
import { migrationsOf } from '../db/migration-files.ts'
import { placeOf } from '../db/place-of.ts'
import { DemoDataError } from '../services/demo-data/demo-data-error.ts'
import { readDemoFile } from '../services/demo-data/read.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { confirmDestructionOf } from './confirm-destruction.ts'
import { loadDemoFile } from './load-demo-file.ts'
import { DEMO_FILE, initStep, migrateStep } from './start/prepare-database.ts'
import { step } from './start/step.ts'

export const resetdb: ManagementCommand = {
  name: 'resetdb',
  group: 'Database',
  summary: 'Drop the database and make it anew: create, migrate, initdb',
  example: './manage resetdb --force --sample-data',
  configure(parser) {
    parser
      .option('-f, --force', "do not ask for the database's name")
      .option('--sample-data', 'load data/demo.json too')
      .option('--i-know-this-is-production', 'allow it in production')
  },
  async run(invocation) {
    const { terminal, settings, options } = invocation
    const place = placeOf(settings.DATABASE)
    const { name, at } = place
    await readWhatIsNeeded(invocation)
    await place.assertCreatable()
    if (await place.look()) await confirmDestructionOf(invocation, { name, label: `"${name}" at ${at}` }, 'resetdb')

    const progress = sayWhereItStops(invocation)
    try {
      await step(
        terminal,
        () => place.drop(),
        (dropped) => (dropped ? `Dropped "${name}"` : `There was no "${name}"`),
      )
      progress.state = 'is dropped and not yet made again: run ./manage resetdb once more'
      await step(
        terminal,
        () => place.create(),
        () => `Created "${name}" at ${at}`,
      )
      progress.state = 'is there, but not fully migrated: ./manage migrate and ./manage initdb go on'
      const engine = await invocation.database()
      await migrateStep(engine, settings, terminal)
      progress.state = 'is migrated, but not filled: ./manage initdb goes on'
      await initStep(engine, settings, terminal)
      progress.state = 'is ready, but without the sample data: ./manage load-data loads it'
      const report = options['sampleData']
        ? await step(
            terminal,
            () => loadDemoFile(invocation, engine, join(settings.directory, DEMO_FILE)),
            () => 'Sample data loaded',
          )
        : {}
      if (terminal.json) terminal.show({ name, at, ...report }, () => '')
    } catch (error) {
      progress.say()
      throw error
    }
  },
}

/** Finds what would stop it halfway while nothing is lost yet. @throws MigrationError, DemoDataError */
async function readWhatIsNeeded({ settings, options }: Invocation): Promise<void> {
  migrationsOf(settings)
  if (!options['sampleData']) return
  const { faults } = await readDemoFile(join(settings.directory, DEMO_FILE))
  if (faults.length > 0) throw new DemoDataError(faults)
}

/** Tells, when a step fails or Ctrl-C stops it, what has become of the database. */
function sayWhereItStops({ terminal, signal }: Invocation) {
  const progress = {
    state: 'is being dropped: if it is not there any more, ./manage resetdb makes it again',
    say: () => terminal.warn(`The database ${progress.state}`),
  }
  signal.addEventListener('abort', progress.say)
  return progress
}
