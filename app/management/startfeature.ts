import type { ManagementCommand } from './command.ts'
import { FIELD_TYPES } from './startfeature/field-types.ts'
import type { Feature } from './startfeature/feature.ts'
import { parseFeature } from './startfeature/parse.ts'
import { planFeature } from './startfeature/plan.ts'
import { type PlannedFile, writeFiles } from './startfeature/write-files.ts'

const HELP = `
Fields: name:type[:argument][:modifier…]
  types      ${[...Object.values(FIELD_TYPES).map(({ usage }) => usage), 'ref:table'].join(', ')}
  modifiers  unique, optional, index, default=… (last)`

export const startfeature: ManagementCommand = {
  name: 'startfeature',
  group: 'Development',
  summary: 'Write a new feature, from the model to its tests, and register it',
  example:
    './manage startfeature Invoice number:string:20:unique total:decimal:12,2 due_on:date customer_id:ref:companies paid:boolean',
  configure(parser) {
    parser
      .argument('<name>', 'one record of it: Invoice')
      .argument('[fields...]', 'what it has: number:string:20:unique')
      .option('--plural <name>', 'many of them, where it is irregular: people')
      .option('--dry-run', 'show the files, and write none')
      .option('-v, --diff', 'show what is in them')
      .addHelpText('after', HELP)
  },
  async run({ args, options, terminal, settings, signal }) {
    const plural = options['plural']
    const feature = parseFeature(args, typeof plural === 'string' ? plural : undefined, settings.directory)
    const files = await planFeature(feature, settings.directory)
    signal.throwIfAborted()
    if (options['diff']) for (const file of files) terminal.say(contentOf(file))
    if (!options['dryRun']) writeFiles(settings.directory, files)
    const created = files.filter(({ before }) => before === undefined).map(({ path }) => path)
    const changed = files.filter(({ before }) => before !== undefined).map(({ path }) => path)
    const next = nextCommands(feature)
    const [make, change] = options['dryRun'] ? ['Would create', 'Would change'] : ['Created', 'Changed']
    terminal.show({ dry_run: options['dryRun'] === true, created, changed, next }, () =>
      [make, ...created.map(indented), change, ...changed.map(indented), 'Next', ...next.map(indented)].join('\n'),
    )
  },
}

const nextCommands = ({ many }: Feature): string[] => [
  './manage migrate',
  `npm test -- tests/integration/api/${many.kebab}.test.ts tests/integration/isolation`,
]

const indented = (line: string) => `  ${line}`

/** A new file as it is; of a changed one, the new lines and each one's place. */
function contentOf({ path, text, before }: PlannedFile): string {
  if (path.endsWith('.json')) return `--- ${path}\n(the models after this migration)\n`
  if (before === undefined) return `--- ${path}\n${text}`
  const rows = text.split('\n')
  const old = new Set(before.split('\n'))
  const added = rows.flatMap((row, n) => (old.has(row) ? [] : [` ${rows[n - 1] ?? ''}`, `+${row}`]))
  return `--- ${path}\n${added.join('\n')}\n`
}
