import { Option } from 'commander'

/** An option that takes one of these words (in capitals), in any case and as short as it is still clear: `warn` is WARNING. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  const option = new Option(flags, description).choices(words)
  const exactly = option.parseArg
  option.parseArg = <T>(given: string, previous: T): T => {
    const typed = given.toUpperCase()
    const [meant = given, ...others] = typed === '' ? [] : words.filter((word) => word.startsWith(typed))
    return exactly?.(others.length > 0 ? given : meant, previous) ?? previous
  }
  return option
}
