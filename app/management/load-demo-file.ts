import { SingleBar } from 'cli-progress'
import type { Engine } from '../db/engine.ts'
import { DemoDataError } from '../services/demo-data/demo-data-error.ts'
import { type LoadOptions, type LoadReport, loadDemoData } from '../services/demo-data/load.ts'
import type { LogIn } from '../services/demo-data/log-ins.ts'
import type { DemoFile } from '../services/demo-data/parse.ts'
import { readDemoFile } from '../services/demo-data/read.ts'
import { CommandError } from './command-error.ts'
import type { Invocation } from './command.ts'
import type { Terminal } from './terminal.ts'

// A bar for less would be gone before anybody has seen it.
const WORTH_A_BAR = 3000
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
    const report = await withProgress(terminal, file, (onProgress) =>
      loadDemoData(engine, settings, file, { ...options, onProgress }),
    )
    for (const warning of report.warnings) terminal.warn(warning)
    terminal.say(countsTable(terminal, report))
    if (report.log_ins.length > 0) sayLogIns(terminal, report.log_ins)
    return report
  } catch (error) {
    if (!(error instanceof DemoDataError)) throw error
    const { faults } = error
    if (faults.length === 1) throw new CommandError(faults[0])
    throw new CommandError([`${path} has ${faults.length} faults; nothing was loaded`, ...faults].join('\n  '))
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

async function withProgress<R>(
  terminal: Terminal,
  { items: { products } }: DemoFile,
  work: (onProgress: (done: number) => void) => Promise<R>,
): Promise<R> {
  const { stderr } = terminal.streams
  if (!stderr.isTTY || products.length < WORTH_A_BAR) return work(() => {})
  const format = 'products [{bar}] {value}/{total} · {rate}/s · {eta_formatted} left'
  const bar = new SingleBar({ format, stream: stderr, hideCursor: true })
  const start = performance.now()
  bar.start(products.length, 0, { rate: 0 })
  try {
    return await work((done) => bar.update(done, { rate: Math.round(done / ((performance.now() - start) / 1000)) }))
  } finally {
    bar.stop()
  }
}
