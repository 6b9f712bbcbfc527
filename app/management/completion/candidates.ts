import { type Argument, Command as Parser, type Option } from 'commander'
import type { Completion } from '../command.ts'
import { COMMANDS } from '../index.ts'
import { declareCommands } from '../parser.ts'

export interface Candidate {
  value: string
  about?: string
}

/** Finds values that begin like what is typed. */
export type ValuesOf = (kind: Exclude<Completion, 'files'>, typed: string) => Promise<string[]>

/** What may stand in the place of the last word of a command line (`./manage` left out); `files`: whatever the shell finds. */
export async function candidatesFor(words: string[], valuesOf: ValuesOf): Promise<Candidate[] | 'files'> {
  // As typed, perhaps in quotes that are still open. No value needs any (see complete.ts).
  const plain = words.map((word) => word.replaceAll(/["'\\]/g, ''))
  const typed = plain.at(-1) ?? ''
  const [name, ...before] = plain.slice(0, -1)
  const root = declareCommands(new Parser('./manage').version(''), async () => {})
  if (name === undefined) return beginning(typed, [...commandsOf(root), HELP, ...flagsOf(root)])
  if (name === 'help') return beginning(typed, before.length === 0 ? commandsOf(root) : [])
  const parser = root.commands.find((command) => command.name() === name)
  if (!parser) return []

  const { asked, prefix } = cursorPlace(parser, before, typed)
  if (asked === undefined) return beginning(typed, flagsOf(parser))
  const part = typed.slice(prefix.length)
  const kind = asked.argChoices ?? kindOf(name, asked)
  if (kind === 'files' || kind === undefined) return kind ?? []
  const values = typeof kind === 'string' ? await valuesOf(kind, part) : kind
  return beginning(
    typed,
    values.filter((value) => !value.startsWith('-')).map((value) => ({ value: prefix + value })),
  )
}

const HELP = { value: 'help', about: 'Show the flags of a command' }

interface Place {
  /** The argument or flag whose value is typed; undefined where a flag is. */
  asked?: Argument | Option
  /** What of the word comes before the value: `--file=`. */
  prefix: string
}

/** What the word after `before` is, as commander would read it. */
function cursorPlace(parser: Parser, before: string[], typed: string): Place {
  let flag: Option | undefined // the one before, when it waits for its value
  let flagsOver = false
  let position = 0
  for (const word of before) {
    if (flag) flag = undefined
    else if (word === '--' && !flagsOver) flagsOver = true
    else if (flagsOver || !word.startsWith('-')) position += 1
    else flag = parser.options.find((option) => option.required && (option.short === word || option.long === word))
  }
  if (flag) return { asked: flag, prefix: '' }
  const [prefix, long] = /^(--[^=]+)=/.exec(typed) ?? []
  if (prefix !== undefined && !flagsOver)
    return { asked: parser.options.find((option) => option.required && option.long === long), prefix }
  if (typed.startsWith('-') && !flagsOver) return { prefix: '' }
  return { asked: parser.registeredArguments[position], prefix: '' }
}

const kindOf = (command: string, asked: Argument | Option): Completion | undefined =>
  COMMANDS.find(({ name }) => name === command)?.completions?.['long' in asked ? String(asked.long) : asked.name()]

const commandsOf = (root: Parser): Candidate[] =>
  root.commands.map((command) => ({ value: command.name(), about: command.summary() }))

const flagsOf = (parser: Parser): Candidate[] =>
  parser
    .createHelp()
    .visibleOptions(parser)
    .flatMap(({ long, short, description }) =>
      [long, short].flatMap((value) => (value ? [{ value, about: description }] : [])),
    )

/** Those that go on from what is typed, in any case of letters only where none does in this one. */
function beginning(typed: string, candidates: Candidate[]): Candidate[] {
  const exact = candidates.filter(({ value }) => value.startsWith(typed))
  if (exact.length > 0) return exact
  return candidates.filter(({ value }) => value.toLowerCase().startsWith(typed.toLowerCase()))
}
