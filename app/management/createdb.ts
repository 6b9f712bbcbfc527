import { z } from 'zod'
import { placeOf } from '../db/place-of.ts'
import type { ManagementCommand } from './command.ts'

const Options = z.object({
  name: z.string().optional(),
  owner: z.string().optional(),
  encoding: z.string(),
  template: z.string().optional(),
})

export const createdb: ManagementCommand = {
  name: 'createdb',
  group: 'Database',
  summary: 'Create an empty database',
  example: './manage createdb --name mydb --owner postgres --encoding UTF8',
  configure(parser) {
    parser
      .option('-n, --name <name>', "the database (default: DATABASE_URL's)")
      .option('-o, --owner <role>', 'whom it belongs to (default: who connects)')
      .option('-E, --encoding <name>', 'how it stores text', 'UTF8')
      .option('-T, --template <name>', 'the database to copy (default: template0, which goes with any encoding)')
  },
  async run({ terminal, settings, options }) {
    const { name, ...wanted } = Options.parse(options)
    const place = placeOf(settings.DATABASE, name)
    const { created, owner, encoding } = await place.create(wanted)
    terminal.show({ name: place.name, created, owner, encoding, at: place.at }, () => {
      const facts = `owner ${owner}, encoding ${encoding}, at ${place.at}`
      return created
        ? `Created database "${place.name}" (${facts})`
        : `Database "${place.name}" exists already (${facts})`
    })
  },
}
