/** An attack as it is written to get past a filter. Of a query: as it stands in the address. */
export interface Variant {
  way: string
  place: 'query' | 'body'
  text: string
}

const every = (text: string, write: (one: string) => string) => Array.from(text, write).join('')
const special = (text: string, write: (one: string) => string) => text.replaceAll(/[^\w ]/g, write)
const hex = (one: string, width: number) => one.charCodeAt(0).toString(16).padStart(width, '0')
const percent = (one: string) =>
  Array.from(Buffer.from(one), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const mixedCase = (text: string) =>
  Array.from(text, (one, index) => (index % 2 ? one.toUpperCase() : one.toLowerCase())).join('')
const fullWidth = (one: string) => (/[!-~]/.test(one) ? String.fromCharCode(one.charCodeAt(0) + 0xfee0) : one)

const WAYS: [way: string, place: Variant['place'], write: (text: string) => string][] = [
  ['every letter by percent', 'query', (text) => every(text, percent)],
  ['percent twice', 'query', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['plus for spaces', 'query', (text) => encodeURIComponent(text).replaceAll('%20', '+')],
  ['HTML entities', 'body', (text) => special(text, (one) => `&#${one.charCodeAt(0)};`)],
  ['HTML entities in hexadecimal', 'query', (text) => encodeURIComponent(special(text, (one) => `&#x${hex(one, 4)};`))],
  ['unicode escapes', 'body', (text) => special(text, (one) => `\\u${hex(one, 4)}`)],
  ['hexadecimal escapes', 'body', (text) => special(text, (one) => `\\x${hex(one, 2)}`)],
  ['percent u', 'query', (text) => special(text, (one) => `%u${hex(one, 4)}`).replaceAll(' ', '%20')],
  ['full width', 'query', (text) => encodeURIComponent(special(text, fullWidth))],
  ['tabs and new lines for spaces', 'body', (text) => text.replaceAll(' ', () => '\t\n')],
  ['by percent in a body', 'body', (text) => encodeURIComponent(text)],
  ['percent three times', 'query', (text) => encodeURIComponent(encodeURIComponent(encodeURIComponent(text)))],
]
/** For attacks that mean the same in any case, and with comments for spaces. */
const SQL_WAYS: typeof WAYS = [
  ['mixed case', 'query', (text) => encodeURIComponent(mixedCase(text))],
  ['comments for spaces', 'query', (text) => encodeURIComponent(text.replaceAll(' ', '/**/'))],
  ['long comments for spaces', 'body', (text) => text.replaceAll(' ', '/* a comment, and more of it */')],
]

/** A new line would end a command. */
const ONE_LINE = WAYS.filter(([way]) => !way.includes('new lines'))

/** Two ways for each attack, in turn. */
export function variantsOf(text: string, kind: string, index: number): Variant[] {
  const ways = kind === 'sqli' ? [...WAYS, ...SQL_WAYS] : kind === 'injection' ? ONE_LINE : WAYS
  return [index * 2, index * 2 + 1].map((n) => {
    const [way, place, write] = ways[(n + Math.floor(n / ways.length)) % ways.length] ?? WAYS[0]!
    return { way, place, text: write(text) }
  })
}
