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
  /** Aborted by Ctrl-C and SIGTERM: what is not in a transaction (a file half written) must be undone then. */
  signal: AbortSignal
}

/** Where Tab finds the values of an argument or an option: files as the shell knows them, the rest asked of the project. */
export type Completion = 'users' | 'companies' | 'migrations' | 'files'

/** One management command: one file, one of these. */
export interface ManagementCommand {
  name: string
  group: 'Users' | 'Database' | 'Server' | 'Development' | 'Data'
  summary: string
  /** A line that works when pasted. */
  example: string
  /** Declares arguments and options; `--help` and `--json` are there already. */
  configure?: (parser: Parser) => void
  /** Values for Tab, by the argument's name (`name`) or the option's long flag (`--company`). Commander's choices are known. */
  completions?: Record<string, Completion>
  /** It serves until it is told to stop, and sees to the signals itself. */
  serves?: boolean
  /** @returns the exit code, 0 when nothing is returned. @throws CommandError */
  run(invocation: Invocation): Promise<number | void>
}
