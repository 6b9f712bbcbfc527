import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import type { ManagementCommand } from '../../app/management/command.ts'
import { COMMANDS } from '../../app/management/index.ts'

const document = readFileSync(resolve(import.meta.dirname, '../../docs/commands.md'), 'utf8')

/** What the document says about each command. */
function documented() {
  const groups = document.split(/^## /m).slice(1)
  return groups.flatMap((group) => {
    const [title = '', ...sections] = group.split(/^### /m)
    return sections.map((section) => ({
      group: title.trim(),
      usage: /^`(.+)`/.exec(section)?.[1],
      summary: section.split('\n')[2]?.replace(/\.$/, ''),
      flags: [...section.matchAll(/^\| `(-.+?)` /gm)].map(([, flags]) => flags),
      example: /```sh\n(.+)\n```/.exec(section)?.[1],
    }))
  })
}

function declared({ name, group, summary, example, configure }: ManagementCommand) {
  const parser = new Command(name)
  configure?.(parser)
  const args = parser.registeredArguments.map((argument) =>
    argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`,
  )
  return { group, usage: name + args.join(''), summary, flags: parser.options.map(({ flags }) => flags), example }
}

test('docs/commands.md has every command and flag of the code, and no others', () => {
  const byUsage = (a: { usage?: string }, b: { usage?: string }) => (a.usage ?? '').localeCompare(b.usage ?? '')
  expect(documented().toSorted(byUsage)).toEqual(COMMANDS.map(declared).toSorted(byUsage))
})
