import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument } from 'commander'
import type { ManagementCommand } from './command.ts'

export const completion: ManagementCommand = {
  name: 'completion',
  group: 'Development',
  summary: 'Print what makes Tab complete commands, flags and values in a shell',
  example: 'source <(./manage completion bash)',
  configure(parser) {
    parser.addArgument(new Argument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
  },
  async run({ args: [shell = ''], terminal }) {
    const script = readFileSync(join(import.meta.dirname, 'completion', `manage.${shell}`), 'utf8')
    terminal.show({ shell, script }, () => script.trimEnd())
  },
}
