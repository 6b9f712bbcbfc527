import type { AnswerRename, RenameQuestion } from '../db/schema-diff.ts'
import { CommandError } from './command-error.ts'
import type { Terminal } from './terminal.ts'

export interface RenameFlags {
  /** `old:new`; for columns `table.old:table.new`, `table.old:new` or, where only one table has such a change, `old:new`. */
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
  /** What each flag was found to mean. */
  const meanings = new Map<string, Rename[]>()

  const answer: AnswerRename = async (question) => {
    const flag =
      given.find((one) => fits(one, question)) ?? given.find((one) => fits(inTableOf(one, question), question))
    if (flag) {
      const rename = fits(flag, question) ? flag : inTableOf(flag, question)
      meanings.set(flag.text, [...(meanings.get(flag.text) ?? []), rename])
      return rename.from
    }
    if (noRename) return null
    if (terminal.interactive) return askAtTerminal(question, terminal)
    open.push(choices(question))
    return null
  }

  /** To be called when all questions were put. */
  const settle = () => {
    if (open.length > 0) throw new CommandError(open.join('\n'))
    const [text, several] = [...meanings].find(([, { length }]) => length > 1) ?? []
    if (several) throw new CommandError(`--rename ${text} has more than one meaning: give ${flagsFor(several)}`)
    const unused = given.find((one) => !meanings.has(one.text))
    if (unused) throw new CommandError(`--rename ${unused.text}: no ${unused.from} is gone while ${unused.to} is new`)
  }
  return { answer, settle }
}

interface Rename {
  from: string
  to: string
}

const fits = ({ from, to }: Rename, { added, gone }: RenameQuestion) => to === added && gone.includes(from)

/** A column's names without its table, in the table that the question is about. */
function inTableOf({ from, to }: Rename, { kind, added }: RenameQuestion): Rename {
  if (kind !== 'column' || from.includes('.') || to.includes('.')) return { from, to }
  const table = added.slice(0, added.lastIndexOf('.') + 1)
  return { from: table + from, to: table + to }
}

const flagsFor = (renames: Rename[]) => renames.map(({ from, to }) => `--rename ${from}:${to}`).join(' or ')

function parseRename(text: string): Rename & { text: string } {
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
  const flags = flagsFor(gone.map((from) => ({ from, to: added })))
  return `The ${kind} ${added} is new and ${gone.join(', ')} is gone: give ${flags} to keep its data under the new name, or --no-rename to drop it`
}
