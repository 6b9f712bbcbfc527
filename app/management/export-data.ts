import type { Writable } from 'node:stream'
import { resolve } from 'node:path'
import { z } from 'zod'
import { type Write, writeWholeFile } from '../core/whole-file.ts'
import { exportDemoData } from '../services/demo-data/export.ts'
import { CommandError, UsageError } from './command-error.ts'
import type { ManagementCommand } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'
import { Terminal } from './terminal.ts'

const Options = z.object({
  file: z.string().optional(),
  all: z.boolean().default(false),
  company: z.string().optional(),
})
const STDOUT = '-'

export const exportData: ManagementCommand = {
  name: 'export-data',
  group: 'Data',
  summary: 'Write what load-data loads to a JSON file',
  example: './manage export-data --file backup.json --all',
  configure(parser) {
    parser
      .option('-f, --file <path>', 'the file, or - for standard output (default: data/export.json)')
      .option('-a, --all', 'with notifications, activity log and messages')
      .option('-c, --company <code>', 'one company alone')
  },
  completions: { '--file': 'files', '--company': 'companies' },
  async run(invocation) {
    const { settings, signal } = invocation
    const { file = resolve(settings.directory, 'data/export.json'), all, company } = Options.parse(invocation.options)
    const { streams, json } = invocation.terminal
    if (file === STDOUT && json) throw new UsageError('--file - and --json cannot both have standard output')
    const terminal = file === STDOUT ? new Terminal({ ...streams, stdout: streams.stderr }, false) : invocation.terminal
    const engine = await migratedDatabase(invocation)
    const work = (write: Write) =>
      exportDemoData(engine, settings, {
        history: all,
        company,
        write,
        progress: (total, run) => terminal.progress('rows', total, run),
      })
    const { sections, warnings } = await (file === STDOUT
      ? work(writer(streams.stdout))
      : writeWholeFile(file, signal, work))
    for (const warning of warnings) terminal.warn(warning)
    const rows = Object.entries(sections)
    const written = file === STDOUT ? '' : `\nWritten to ${file}`
    terminal.show({ file, sections, warnings }, () => `${terminal.table(['Section', 'Items'], rows)}${written}`)
  },
}

/** @throws CommandError once nobody reads any more */
function writer(stream: Writable): Write {
  stream.on('error', () => {}) // told by the write
  return (text) =>
    new Promise((done, fail) =>
      stream.write(text, (error) => (error ? fail(new CommandError(`Standard output: ${error.message}`)) : done())),
    )
}
