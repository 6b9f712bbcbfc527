import type { Command as Parser } from 'commander'
import type { Settings } from '../core/config.ts'
import type { Engine } from '../db/engine.ts'
import type { Terminal } from './terminal.ts'

/** What a command gets: its arguments, a terminal, the settings, and a database opened at the first call. */
export interface Invocation {
  args: string[]
  options: Record<string, unknown>
  terminal: Terminal
  settings: Settings
  /** The database; closed when the command ends. */
  database: () => Promise<Engine>
}

/** One management command: one file, one of these. */
export interface ManagementCommand {
  name: string
  group: 'Users' | 'Database' | 'Server' | 'Development' | 'Data'
  summary: string
  /** A line that works when pasted. */
  example: string
  /** Declares arguments and options; `--help` and `--json` are there already. */
  configure?: (parser: Parser) => void
  /** @returns the exit code, 0 when nothing is returned. @throws CommandError */
  run(invocation: Invocation): Promise<number | void>
}
