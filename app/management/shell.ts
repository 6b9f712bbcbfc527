import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import * as operators from 'drizzle-orm/sql'
import { is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { memoryCache } from '../core/cache.ts'
import { autocommit } from '../db/autocommit.ts'
import * as models from '../models/index.ts'
import type { ManagementCommand } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'
import { actAs, type Workplace } from './shell/acting-user.ts'
import { feedLines } from './shell/feed-lines.ts'
import { maskedSettings } from './shell/masked-settings.ts'
import { printer } from './shell/print.ts'
import { loadServices } from './shell/service-calls.ts'

const GREETING = `
  db                                        every company's rows:  await db.select().from(products).limit(5)
  acme = await as('admin', 'ACME')          a user in a company:   await new ProductService(acme).get(1)
  settings                                  tables, services, eq(), and(), sql\`\` …: Tab Tab lists them

Each awaited call is a transaction of its own. Several in one: db.transaction(async (tx) => …). Ctrl-D leaves.
`

export const shell: ManagementCommand = {
  name: 'shell',
  group: 'Development',
  serves: true,
  summary: 'JavaScript prompt with the database, models, services and settings',
  example: `echo "await db.select().from(companies)" | ./manage shell`,
  async run(invocation) {
    const { terminal, settings } = invocation
    const { stdin, stdout } = terminal.streams
    const engine = await migratedDatabase(invocation)
    const workplace = { engine, settings, cache: memoryCache(settings.CACHE_DEFAULT_TTL) }
    const context = await shellContext(workplace)
    if (terminal.interactive) terminal.say(`FastVue ${settings.VERSION}, ${engine.label}\n${GREETING}`)
    const input = terminal.interactive ? stdin : new PassThrough()
    const repl = start({
      prompt: terminal.interactive ? 'fastvue> ' : '',
      input,
      output: stdout,
      terminal: terminal.interactive,
      useColors: terminal.colour,
      ignoreUndefined: true,
      writer: printer(terminal),
    })
    Object.assign(repl.context, context)
    const left = once(repl, 'exit')
    if (input instanceof PassThrough) void feedLines(stdin, input, repl)
    else await keepHistory(repl, join(settings.directory, 'var'))
    await left
  },
}

async function shellContext(workplace: Workplace): Promise<Record<string, unknown>> {
  const { engine, settings } = workplace
  return {
    ...operators,
    ...Object.fromEntries(Object.entries(models).filter(([, model]) => is(model, PgTable))),
    ...(await loadServices(settings.directory)),
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
