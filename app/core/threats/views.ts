import type { Family } from './rule.ts'

const WHITESPACE = /[\s\p{Cc}]+/gu

/** Forms of one decoded text that rules look at; each is made when the first rule asks. */
export class Views {
  readonly #text: string
  #flat: string | undefined
  #sql: string | undefined
  #slashes: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  of(view: Family['view']): string {
    if (view === 'flat') return (this.#flat ??= withoutComments(this.#text).replace(WHITESPACE, ' '))
    if (view === 'sql') return (this.#sql ??= withSpaces(this.of('flat')))
    if (view === 'slashes') return (this.#slashes ??= this.#text.replaceAll('\\', '/'))
    return this.#text
  }
}

const withSpaces = (text: string): string => (text.includes(' ') ? text : text.replaceAll('+', ' '))

/** SQL's comments are spaces to a database; what MySQL runs of them (`/*!50000 union`) stays. */
function withoutComments(text: string): string {
  let at = text.indexOf('/*')
  if (at < 0) return text
  let rest = ''
  let from = 0
  while (at >= 0) {
    rest += `${text.slice(from, at)} `
    const executed = EXECUTED.exec(text.slice(at, at + 12))
    if (executed) {
      from = at + executed[0].length
    } else {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) return `${rest}${text.slice(at)}`
      from = end + 2
    }
    at = text.indexOf('/*', from)
  }
  return (rest + text.slice(from)).replaceAll('*/', ' ')
}

const EXECUTED = /^\/\*!\d{0,6}/
