import type { Limits } from '../../core/limits.ts'

const [QUOTE, COMMA, COLON, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [
  0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
]

/** What is too much in a JSON text. */
export type JsonExcess = 'json_too_deep' | 'json_too_many_values'

/**
 * Whether a text would be too much to parse and to walk: too deep for recursion, or of too many values for the time that
 * one request may take. Looks at each character once, passes over strings, and believes nothing about the rest: what is
 * no JSON is for the parser to say.
 */
export function jsonExcess(
  text: string,
  { jsonDepth, jsonValues }: Pick<Limits, 'jsonDepth' | 'jsonValues'>,
): JsonExcess | undefined {
  let depth = 0
  let values = 1
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at)
        break
      case COMMA:
      case COLON:
        if (++values > jsonValues) return 'json_too_many_values'
        break
      case OPEN:
      case OPEN_LIST:
        if (++depth > jsonDepth) return 'json_too_deep'
        break
      case CLOSE:
      case CLOSE_LIST:
        depth--
    }
  }
  return undefined
}

/** Where the string ends that begins here; the end of the text where it does not. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === BACKSLASH) before--
  return (at - before) % 2 === 0
}
