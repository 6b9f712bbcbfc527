import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { ManagementCommand } from './command.ts'
import { confirmDestruction } from './confirm-destruction.ts'
import { loadDemoFile } from './load-demo-file.ts'
import { migratedDatabase } from './migrated-database.ts'
import { staySmall } from './stay-small.ts'

const Options = z.object({
  file: z.string(),
  update: z.boolean().default(false),
  clear: z.boolean().default(false),
  dryRun: z.boolean().default(false),
})

export const loadData: ManagementCommand = {
  name: 'load-data',
  group: 'Data',
  summary: 'Load companies, users, products and their history from a JSON file',
  example: './manage load-data --file data/demo.json --dry-run',
  completions: { '--file': 'files' },
  configure(parser) {
    parser
      .option('-f, --file <path>', 'the file', 'data/demo.json')
      .option('--update', 'make rows that are there already follow the file')
      .option('--clear', 'delete all rows of these sections first')
      .option('--dry-run', 'do everything and take it back')
      .option('--force', 'do not ask before --clear')
      .option('--i-know-this-is-production', 'allow --clear in production')
  },
  async run(invocation) {
    const { terminal, settings } = invocation
    const { file, ...options } = Options.parse(invocation.options)
    staySmall()
    const engine = await migratedDatabase(invocation)
    if (options.clear && !options.dryRun) await confirmDestruction(invocation, engine, 'load-data --clear')
    // A path as typed; the default one means the project's own file, wherever the command is called from.
    const path = existsSync(file) ? file : resolve(settings.directory, file)
    const report = await loadDemoFile(invocation, engine, existsSync(path) ? path : file, options)
    if (options.dryRun) terminal.say('Dry run: nothing was kept')
    if (terminal.json) terminal.show({ ...report, dry_run: options.dryRun }, () => '')
  },
}
