import type { AnswerRename, RenameQuestion } from '../db/schema-diff.ts'
import { CommandError } from './command-error.ts'
import type { Terminal } from './terminal.ts'

export interface RenameFlags {
  /** `old:new`; for columns `table.old:table.new` or `table.old:new`. */
  renames: string[]
  /** Whatever is not named above is new. */
  noRename: boolean
}

/**
 * Answers "is this a rename?" by flags, else by asking the person at the terminal.
 * @throws CommandError naming the flags to give where nobody can answer, or a flag that fits nothing.
 */
export function renameAnswers({ renames, noRename }: RenameFlags, terminal: Terminal) {
  const given = renames.map(parseRename)
  const open: string[] = []
  const used = new Set<string>()

  const answer: AnswerRename = async (question) => {
    const flag = given.find(({ from, to }) => to === question.added && question.gone.includes(from))
    if (flag) {
      used.add(flag.text)
      return flag.from
    }
    if (noRename) return null
    if (terminal.interactive) return askAtTerminal(question, terminal)
    open.push(choices(question))
    return null
  }

  /** To be called when all questions were put. */
  const settle = () => {
    if (open.length > 0) throw new CommandError(open.join('\n'))
    const unused = given.find(({ text }) => !used.has(text))
    if (unused) throw new CommandError(`--rename ${unused.text}: no ${unused.from} is gone while ${unused.to} is new`)
  }
  return { answer, settle }
}

function parseRename(text: string): { text: string; from: string; to: string } {
  const [from, to, ...rest] = text.split(':')
  if (!from || !to || rest.length > 0) throw new CommandError(`--rename ${text}: expected old:new or table.old:new`)
  const table = from.includes('.') && !to.includes('.') ? `${from.slice(0, from.lastIndexOf('.'))}.` : ''
  return { text, from, to: table + to }
}

async function askAtTerminal({ kind, added, gone }: RenameQuestion, terminal: Terminal): Promise<string | null> {
  for (const old of gone)
    if (await terminal.confirm(`Is the ${kind} ${added} the former ${old}, renamed?`, '--rename or --no-rename'))
      return old
  return null
}

function choices({ kind, added, gone }: RenameQuestion): string {
  const flags = gone.map((old) => `--rename ${old}:${added}`).join(' or ')
  return `The ${kind} ${added} is new and ${gone.join(', ')} is gone: give ${flags} to keep its data under the new name, or --no-rename to drop it`
}
