import { Command as Parser, CommanderError } from 'commander'
import { loadSettings, type Settings } from '../core/config.ts'
import { explain } from '../core/operator-error.ts'
import type { Engine } from '../db/engine.ts'
import { openDatabase } from '../db/open.ts'
import { COMPLETE, complete } from './complete.ts'
import { UsageError } from './command-error.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { COMMANDS } from './index.ts'
import { INTERRUPTED, Interrupted, interruptible } from './interruption.ts'
import { declareCommands } from './parser.ts'
import { type Streams, Terminal } from './terminal.ts'
import manifest from '../../package.json' with { type: 'json' }

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
  if (argv[0] === COMPLETE) {
    await complete(argv.slice(argv[1] === '--' ? 2 : 1), streams, options)
    return 0
  }
  let code = 0
  const parser = new Parser('./manage')
    .description('FastVue management commands')
    .usage('<command> [options]')
    .configureHelp({ subcommandTerm: (sub) => sub.name() })
    .version(manifest.version)
    .addHelpText('after', '\nEach command has --help (./manage help COMMAND is the same) and --json.')
    .configureOutput({ writeOut: (text) => streams.stdout.write(text), writeErr: (text) => streams.stderr.write(text) })
    .helpCommand(false)
    .showHelpAfterError('See ./manage --help')
    .exitOverride()
  declareCommands(parser, async (command, parsed) => {
    code = await execute(command, parsed, streams, options)
  })
  try {
    await parser.parseAsync(asked(argv), { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

/** `help X` is `X --help`, as in Django. Whatever follows a word that is no command, it is the word that is wrong. */
function asked(argv: string[]): string[] {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const [first = '--help'] = words
  return first.startsWith('-') || COMMANDS.some(({ name }) => name === first) ? [first, ...words.slice(1)] : [first]
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
    const cancelled = error instanceof Interrupted // by Ctrl-C at a prompt, or at work
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

const pick = ({ stdin, stdout, stderr }: NodeJS.Process) => ({ stdin, stdout, stderr })
