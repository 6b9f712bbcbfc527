// Quoted text, names, dollar quotes and comments, in which a semicolon ends nothing; an open one reaches to the end.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html
const TOKEN =
  /\b[eE]'(?:[^'\\]|\\[^]|'')*('|$)|'(?:[^']|'')*('|$)|"(?:[^"]|"")*("|$)|(?<![\w$])(\$(?:[a-z_]\w*)?\$)[^]*?(\4|$)|--.*(\n|$)|\/\*[^]*?(\*\/|$)|;/giu
const COMMENTS = /^(?:\s|--.*(?:\n|$)|\/\*[^]*?(?:\*\/|$))+/u
const BEGIN = /^(begin|start\s+transaction)\b/iu
const END = /^(commit|end|rollback|abort)\b(?!.*\b(to|prepared)\b)(?!.*\band\s+chain\b)/isu

/**
 * Makes statements of lines. One is whole at its semicolon; a transaction when it is ended, so that a prompt never holds
 * the database between two lines.
 */
export class StatementReader {
  #rest = ''
  #transaction: string[] = []

  /** Whether something is begun that has no end yet. */
  get open(): boolean {
    return this.inTransaction || this.#rest.replace(COMMENTS, '') !== ''
  }

  get inTransaction(): boolean {
    return this.#transaction.length > 0
  }

  /** @returns what can run now, each part on its own */
  read(line: string): string[][] {
    this.#rest += `${line}\n`
    const whole: string[] = []
    let start = 0
    for (const { 0: token, index } of this.#rest.matchAll(TOKEN)) {
      if (token !== ';') continue
      whole.push(this.#rest.slice(start, index))
      start = index + 1
    }
    this.#rest = this.#rest.slice(start)
    return whole.flatMap((text) => this.#gather(text.replace(COMMENTS, '').trim()))
  }

  /** What is left at the end of the input, where the last semicolon may be missing. */
  finish(): string[][] {
    return this.read(';')
  }

  /** Forgets what is open. */
  discard(): void {
    this.#rest = ''
    this.#transaction = []
  }

  #gather(statement: string): string[][] {
    if (statement === '') return []
    if (!this.inTransaction && !BEGIN.test(statement)) return [[statement]]
    this.#transaction.push(statement)
    if (!END.test(statement)) return []
    const whole = this.#transaction
    this.#transaction = []
    return [whole]
  }
}
