import { z } from 'zod'
import { writeWholeFile } from '../core/whole-file.ts'
import type { ManagementCommand } from './command.ts'

const Options = z.object({ output: z.string().optional() })

export const openapi: ManagementCommand = {
  name: 'openapi',
  group: 'Development',
  summary: 'Print the OpenAPI document of the API, without a server or a database',
  example: './manage openapi --output openapi.json',
  completions: { '--output': 'files' },
  configure(parser) {
    parser.option('--output <file>', 'write it to a file')
  },
  async run({ options, terminal, settings, signal }) {
    const { output } = Options.parse(options)
    const { withAppAlone } = await import('./app-without-database.ts')
    const document = await withAppAlone(settings, (app) => app.swagger())
    const text = JSON.stringify(document, null, 2)
    if (output === undefined) return terminal.show(document, () => text)
    await writeWholeFile(output, signal, (write) => write(`${text}\n`))
    terminal.show({ output }, () => `OpenAPI document written to ${output}`)
  },
}
