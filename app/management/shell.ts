import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import * as operators from 'drizzle-orm/sql'
import { z } from 'zod'
import { memoryCache } from '../core/cache.ts'
import type { Settings } from '../core/config.ts'
import { autocommit } from '../db/autocommit.ts'
import type { Engine } from '../db/engine.ts'
import { CommandError } from './command-error.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import { interruptible } from './interruption.ts'
import { migratedDatabase } from './migrated-database.ts'
import { actAs } from './shell/acting-user.ts'
import { evaluate } from './shell/evaluate.ts'
import { feedLines } from './shell/feed-lines.ts'
import { surviveInterrupts } from './shell/interrupts.ts'
import { maskedSettings } from './shell/masked-settings.ts'
import { modelsByName } from './shell/models-by-name.ts'
import { oneLine, printer } from './shell/print.ts'
import { loadServices } from './shell/service-calls.ts'

const GREETING = `
  db                                  every company's rows:  await db.select().from(products).limit(5)
  User, Company, Product, …           the same as the tables users, companies, products, …
  acme = await as('admin', 'ACME')    a user in a company:   await new ProductService(acme).get(1)
  settings                            tables, services, eq(), and(), sql\`\` …: Tab Tab lists them

Each awaited call is a transaction of its own. Several in one: db.transaction(async (tx) => …).
Ctrl-C stops a call or takes back a line, Ctrl-D leaves.
`

const Options = z.object({ command: z.string().optional() })

export const shell: ManagementCommand = {
  name: 'shell',
  group: 'Development',
  serves: true,
  summary: 'JavaScript prompt with the database, models, services and settings',
  example: './manage shell -c "await db.select().from(Company)"',
  configure(parser) {
    parser.option('-c, --command <code>', 'evaluate this, print its value and leave')
  },
  async run(invocation) {
    const { command } = Options.parse(invocation.options)
    return command === undefined ? prompt(invocation) : interruptible(() => runCode(command, invocation))
  },
}

async function prompt(invocation: Invocation): Promise<void> {
  const { terminal, settings } = invocation
  const { stdin, stdout } = terminal.streams
  const engine = await migratedDatabase(invocation)
  const context = await shellContext(engine, settings)
  if (terminal.interactive) terminal.say(`FastVue ${settings.VERSION}, ${engine.label}\n${GREETING}`)
  const input = terminal.interactive ? stdin : new PassThrough()
  const repl = start({
    prompt: terminal.interactive ? 'fastvue> ' : '',
    input,
    output: stdout,
    terminal: terminal.interactive,
    useColors: terminal.colour,
    ignoreUndefined: true,
    breakEvalOnSigint: terminal.interactive,
    writer: printer(terminal),
  })
  Object.assign(repl.context, context)
  surviveInterrupts(repl)
  const left = once(repl, 'exit')
  if (input instanceof PassThrough) void feedLines(stdin, input, repl)
  else await keepHistory(repl, join(settings.directory, 'var'))
  await left
}

/** Evaluates code without a prompt. @throws CommandError for an error in it */
async function runCode(code: string, invocation: Invocation): Promise<void> {
  const { terminal, settings } = invocation
  const context = await shellContext(await migratedDatabase(invocation), settings)
  const value = await evaluate(code, context).catch((error: unknown) => {
    throw new CommandError(oneLine(error).replace(/^error: /i, ''))
  })
  if (value !== undefined) terminal.streams.stdout.write(`${printer(terminal)(value)}\n`)
}

async function shellContext(engine: Engine, settings: Settings): Promise<Record<string, unknown>> {
  const workplace = { engine, settings, cache: memoryCache(settings.CACHE_DEFAULT_TTL) }
  return {
    ...operators,
    ...modelsByName(),
    ...(await loadServices()),
    db: autocommit(engine, { role: 'fastvue_system', company_id: null }),
    as: (username: string, company?: string) => actAs(workplace, username, company),
    settings: maskedSettings(settings),
  }
}

/** What was typed, for the next time; readable by its owner alone. */
async function keepHistory(repl: REPLServer, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const ready = Promise.withResolvers<void>()
  repl.setupHistory(join(folder, 'shell-history'), () => ready.resolve()) // without a history it is still a prompt
  await ready.promise
}
