import { Command as Parser, CommanderError } from 'commander'
import { AppError } from '../core/errors.ts'
import { loadSettings, type Settings, SettingsError } from '../core/config.ts'
import type { Engine } from '../db/engine.ts'
import { DatabaseUnavailable, openDatabase } from '../db/open.ts'
import { CommandError, type ManagementCommand } from './command.ts'
import { COMMANDS } from './index.ts'
import { type Streams, Terminal } from './terminal.ts'

export interface RunOptions {
  streams?: Streams
  /** Instead of reading the environment and `.env`. */
  settings?: () => Settings
  /** A database that is open already and stays open. */
  database?: Engine
}

/**
 * Runs a command line (`['showusers', '--json']`) and returns its exit code: 0 done, 1 failed with one clean line,
 * 2 wrong use. An error of ours, not of the person's, prints its stack and is 1 too.
 */
export async function runManage(argv: string[], options: RunOptions = {}): Promise<number> {
  const streams = options.streams ?? { ...pick(process), env: process.env }
  let code = 0
  const parser = new Parser('manage')
    .description('FastVue management commands')
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .helpCommand(false)
    .exitOverride()
  for (const command of COMMANDS) {
    addCommand(parser, command).action(async (...parsed: unknown[]) => {
      code = await execute(command, parsed.at(-1) as Parser, streams, options)
    })
  }
  if (argv.length === 0) {
    streams.stdout.write(overview())
    return 0
  }
  try {
    await parser.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

function addCommand(parser: Parser, command: ManagementCommand): Parser {
  const sub = parser.command(command.name).summary(command.summary).description(command.summary)
  command.configure?.(sub)
  return sub
    .option('--json', 'write the result as JSON to stdout, everything else to stderr')
    .addHelpText('after', `\nExample:\n  ${command.example}`)
    .showHelpAfterError(`See ./manage ${command.name} --help`)
}

async function execute(
  command: ManagementCommand,
  parsed: Parser,
  streams: Streams,
  given: RunOptions,
): Promise<number> {
  const terminal = new Terminal(streams, parsed.opts()['json'] === true)
  let opened: Promise<Engine> | undefined
  try {
    const settings = given.settings?.() ?? loadSettings(streams.env)
    const database = () => (given.database ? Promise.resolve(given.database) : (opened ??= openDatabase(settings)))
    return (await command.run({ args: parsed.args, options: parsed.opts(), terminal, settings, database })) ?? 0
  } catch (error) {
    streams.stderr.write(`${explain(error)}\n`)
    return 1
  } finally {
    await opened?.then((engine) => engine.close()).catch(() => {})
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `Error: ${String(error)}`
  if (error.name === 'ExitPromptError') return 'Cancelled'
  if (error instanceof SettingsError) return error.faults.map((fault) => `Error: ${fault}`).join('\n')
  const expected = [CommandError, DatabaseUnavailable, AppError].some((kind) => error instanceof kind)
  return expected ? `Error: ${error.message}` : (error.stack ?? error.message)
}

function overview(): string {
  const groups = Map.groupBy(COMMANDS, (command) => command.group)
  const width = Math.max(...COMMANDS.map((command) => command.name.length)) + 2
  const lines = [...groups].flatMap(([group, commands]) => [
    '',
    `${group}:`,
    ...commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`),
  ])
  return ['Usage: ./manage <command> [options]', ...lines, '', 'Each command has --help and --json.', ''].join('\n')
}

const pick = ({ stdin, stdout, stderr }: NodeJS.Process) => ({ stdin, stdout, stderr })
