import { z } from 'zod'
import { placeOf } from '../db/place-of.ts'
import type { ManagementCommand } from './command.ts'
import { confirmDestructionOf } from './confirm-destruction.ts'

const Options = z.object({ name: z.string().optional() })

export const dropdb: ManagementCommand = {
  name: 'dropdb',
  group: 'Database',
  summary: 'Drop a database with everything in it, and end its sessions',
  example: './manage dropdb --force',
  configure(parser) {
    parser
      .option('-n, --name <name>', "the database (default: DATABASE_URL's)")
      .option('-f, --force', "do not ask for the database's name")
      .option('--i-know-this-is-production', 'allow it in production')
  },
  async run(invocation) {
    const { terminal, settings, options } = invocation
    const place = placeOf(settings.DATABASE, Options.parse(options).name)
    const { name, at } = place
    const isThere = await place.look()
    if (isThere) await confirmDestructionOf(invocation, { name, label: `"${name}" at ${at}` }, 'dropdb')
    const dropped = isThere && (await place.drop())
    terminal.show({ name, dropped, at }, () =>
      dropped ? `Dropped database "${name}" at ${at}` : `There is no database "${name}" at ${at}`,
    )
  },
}
