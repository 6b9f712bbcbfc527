import type { Engine } from '../db/engine.ts'
import { DemoDataError } from '../services/demo-data/demo-data-error.ts'
import { type LoadOptions, type LoadReport, loadDemoData } from '../services/demo-data/load.ts'
import type { LogIn } from '../services/demo-data/log-ins.ts'
import { itemCount, readDemoFile } from '../services/demo-data/read.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'
import type { Terminal } from './terminal.ts'

const MOST_LOG_INS = 20

/**
 * Loads a demo data file and tells what it did: warnings, counts per section, and who can log in.
 * @throws CommandError listing every fault of the file; nothing was written then
 */
export async function loadDemoFile(
  { terminal, settings }: Pick<Invocation, 'terminal' | 'settings'>,
  engine: Engine,
  path: string,
  options: LoadOptions = {},
): Promise<LoadReport> {
  try {
    const file = await readDemoFile(path)
    const report = await terminal.progress('items', itemCount(file), (onProgress) =>
      loadDemoData(engine, settings, file, { ...options, onProgress }),
    )
    for (const warning of report.warnings) terminal.warn(warning)
    terminal.say(countsTable(terminal, report))
    if (report.log_ins.length > 0) sayLogIns(terminal, report.log_ins)
    return report
  } catch (error) {
    if (!(error instanceof DemoDataError)) throw error
    if (error.count === 1) throw new CommandError(error.message)
    throw new CommandError(
      `${path} has ${error.count} faults; nothing was loaded\n${error.message}`.replaceAll('\n', '\n  '),
    )
  }
}

/** Prints who can log in, and how. */
export function sayLogIns(terminal: Terminal, logIns: LogIn[]): void {
  const rows = logIns.slice(0, MOST_LOG_INS)
  terminal.say('\nLog-ins:')
  terminal.say(
    terminal.table(
      ['Username', 'Password', 'Company', 'What'],
      rows.map(({ username, password, company, what }) => [username, password, company ?? '', what]),
    ),
  )
  if (logIns.length > rows.length) terminal.say(`… and ${logIns.length - rows.length} more in the file`)
}

function countsTable(terminal: Terminal, { sections }: LoadReport): string {
  const rows = Object.entries(sections).map(([name, { created, updated, unchanged }]) => [
    name,
    created,
    updated,
    unchanged,
  ])
  return terminal.table(['Section', 'Created', 'Updated', 'Unchanged'], rows)
}
