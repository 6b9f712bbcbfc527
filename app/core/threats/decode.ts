import { decodeBytes } from './decode-bytes.ts'

/** As often is a text decoded: attacks are encoded twice, for whoever decodes once too often. */
export const ROUNDS = 4

/** What a text says once nothing in it is encoded any more, and what the encoding was like. */
export interface Decoded {
  text: string
  /** How often percent signs had to be read. */
  percentRounds: number
  /** ASCII in more bytes than it needs, which UTF-8 forbids (RFC 3629 §3): made to slip past a filter. */
  overlong: boolean
  /** There is still something encoded. */
  unfinished: boolean
}

// Characters that stand for others once somebody makes ASCII of them: full width, look-alikes of < > / \ ' and the long s.
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '\u017f': 's',
  '\u2018': "'",
  '\u2019': "'",
  '\u02bc': "'",
  '\u2032': "'",
  '\u2039': '<',
  '\u203a': '>',
  '\u2044': '/',
  '\u2215': '/',
  '\u2216': '\\',
  '\u29f5': '\\',
  '\u3000': ' ',
  '\ufe64': '<',
  '\ufe65': '>',
}
const ALIKE = /[\u017f\u2018\u2019\u02bc\u2032\u2039\u203a\u2044\u2215\u2216\u29f5\u3000\ufe64\ufe65\uff01-\uff5e]/g
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u2060\ufeff]/g
/** What every encoded text has one of. */
const ENCODED =
  /[%&\\\u00ad\u017f\u180e\u200b-\u200f\u2018\u2019\u02bc\u2032\u2039\u203a\u2044\u2060\u2215\u2216\u29f5\u3000\ufe64\ufe65\ufeff\uff01-\uff5e]/

const PERCENT_U = /%u([0-9a-f]{4})/gi
const PERCENT = /(?:%[0-9a-f]{2})+/gi
const ESCAPE = /\\(?:u\{0{0,6}([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2}))/gi
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  ast: '*',
  bsol: '\\',
  colon: ':',
  comma: ',',
  dollar: '$',
  equals: '=',
  excl: '!',
  grave: '`',
  gt: '>',
  lcub: '{',
  lpar: '(',
  lsqb: '[',
  lt: '<',
  nbsp: ' ',
  newline: '\n',
  num: '#',
  percnt: '%',
  period: '.',
  plus: '+',
  quot: '"',
  rcub: '}',
  rpar: ')',
  rsqb: ']',
  semi: ';',
  sol: '/',
  tab: '\t',
  vert: '|',
}
const ENTITY = new RegExp(
  `&(?:#x0{0,8}([0-9a-f]{1,6});?|#0{0,8}([0-9]{1,7});?|(${Object.keys(ENTITIES).join('|')});?)`,
  'gi',
)

/**
 * Undoes percent signs (UTF-8, overlong too, and `%u0027`), HTML entities, `\u0027` and `\x27`, full width and other
 * look-alikes, until nothing changes or `ROUNDS` are over. What cannot be decoded stays as it is. Takes time in proportion
 * to the text.
 */
export function decode(given: string): Decoded {
  let text = given
  let percentRounds = 0
  let overlong = false
  for (let round = 0; round < ROUNDS; round++) {
    if (!ENCODED.test(text)) return { text, percentRounds, overlong, unfinished: false }
    const before = text
    if (text.includes('%')) {
      const read = text.replace(PERCENT_U, fromHex).replace(PERCENT, (run) => {
        const bytes = decodeBytes(run)
        overlong ||= bytes.overlong
        return bytes.text
      })
      if (read !== text) percentRounds += 1
      text = read
    }
    if (text.includes('&')) text = text.replace(ENTITY, entity)
    if (text.includes('\\')) text = text.replace(ESCAPE, (_, long, short, byte) => fromHex('', long ?? short ?? byte))
    text = text.replace(INVISIBLE, '').replace(ALIKE, alike)
    if (text === before) return { text, percentRounds, overlong, unfinished: false }
  }
  return { text, percentRounds, overlong, unfinished: ENCODED_TWICE.test(text) }
}

const ENCODED_TWICE = /%(?:25|2[27ef]|3[ce])/i

const alike = (one: string): string => LOOK_ALIKES[one] ?? String.fromCharCode(one.charCodeAt(0) - 0xfee0)

const fromHex = (_: string, hex: string): string => fromCodePoint(Number.parseInt(hex, 16))

const entity = (
  whole: string,
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
): string => {
  if (hex !== undefined) return fromCodePoint(Number.parseInt(hex, 16))
  if (decimal !== undefined) return fromCodePoint(Number(decimal))
  return ENTITIES[(name ?? '').toLowerCase()] ?? whole
}

const fromCodePoint = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')
