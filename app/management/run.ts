import { Command as Parser, CommanderError } from 'commander'
import { loadSettings, type Settings } from '../core/config.ts'
import { explain } from '../core/operator-error.ts'
import type { Engine } from '../db/engine.ts'
import { openDatabase } from '../db/open.ts'
import { UsageError } from './command-error.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { COMMANDS } from './index.ts'
import { INTERRUPTED, Interrupted, interruptible } from './interruption.ts'
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
 * 2 wrong use, 130 interrupted. An error of ours, not of the person's, prints its stack and is 1 too.
 */
export async function runManage(argv: string[], options: RunOptions = {}): Promise<number> {
  const streams = options.streams ?? { ...pick(process), env: process.env }
  let code = 0
  const parser = new Parser('./manage')
    .description('FastVue management commands')
    .usage('<command> [options]')
    .configureHelp({ subcommandTerm: (sub) => sub.name() })
    .addHelpText('after', '\nEach command has --help and --json.')
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .helpCommand(false)
    .exitOverride()
  for (const command of COMMANDS) {
    addCommand(parser, command).action(async (...parsed: unknown[]) => {
      code = await execute(command, parsed.at(-1) as Parser, streams, options)
    })
  }
  if (argv.length === 0) {
    parser.outputHelp()
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
  const sub = parser
    .command(command.name)
    .summary(command.summary)
    .description(command.summary)
    .helpGroup(`${command.group}:`)
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
    const code = await runToEnd(command, {
      args: parsed.args,
      options: parsed.opts(),
      terminal,
      settings,
      database,
    })
    await opened?.then(
      (engine) => engine.close(),
      () => {}, // the command knows, and has gone on without
    )
    return code
  } catch (error) {
    const cancelled = isCancelled(error)
    streams.stderr.write(`${cancelled ? 'Cancelled' : explain(error)}\n`)
    // Closing would wait for the statement that was interrupted; the end of the process takes it back.
    if (!cancelled) await opened?.then((engine) => engine.close()).catch(() => {})
    return cancelled ? INTERRUPTED : error instanceof UsageError ? 2 : 1
  }
}

async function runToEnd(command: ManagementCommand, given: Omit<Invocation, 'signal'>): Promise<number> {
  const run = (signal: AbortSignal) => command.run({ ...given, signal })
  return (await (command.serves ? run(AbortSignal.any([])) : interruptible(run))) ?? 0
}

// Ctrl-C at a prompt, or at work
const isCancelled = (error: unknown) =>
  error instanceof Interrupted || (error instanceof Error && error.name === 'ExitPromptError')

const pick = ({ stdin, stdout, stderr }: NodeJS.Process) => ({ stdin, stdout, stderr })
