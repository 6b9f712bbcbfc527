import type { Engine, Result } from '../../db/engine.ts'
import { type Statement, runSql } from '../../db/run-sql.ts'
import { printer } from '../shell/print.ts'
import type { Terminal } from '../terminal.ts'
import { catalogueQuery } from './catalogue-query.ts'
import { StatementReader } from './statement-reader.ts'

const GIVES_ROWS = /^(\(|(select|with|values|table|show|explain|fetch)\b)/i
// It would wait for data on a connection that has none to give, and the embedded database's process with it.
const NEEDS_PSQL = /^copy\b.*\b(stdin|stdout)\b/is
const COUNTS_ROWS = /^(insert|update|delete|merge)\b/i

/** Lines in, results out: what the prompt, a pipe and `--command` have in common. */
export class SqlSession {
  readonly #engine: Engine
  readonly #terminal: Terminal
  readonly #print: (value: unknown) => string
  readonly #reader = new StatementReader()

  constructor(engine: Engine, terminal: Terminal) {
    this.#engine = engine
    this.#terminal = terminal
    this.#print = printer(terminal)
  }

  /** Whether something is begun that has no end yet. */
  get open(): boolean {
    return this.#reader.open
  }

  get prompt(): string {
    if (this.#reader.inTransaction) return '  *> '
    return this.open ? '  -> ' : 'sql> '
  }

  isGoodbye(line: string): boolean {
    return !this.open && /^\s*(\\q|quit|exit)\s*;?\s*$/.test(line)
  }

  discard(): void {
    this.#reader.discard()
  }

  /** Takes a line and runs what it completes, up to an error. @returns false for one */
  async read(line: string): Promise<boolean> {
    if (this.open || !line.trimStart().startsWith('\\')) return this.#runAll(this.#reader.read(line))
    const query = catalogueQuery(line.trim())
    return query ? this.#run([query]) : this.#fail(`${line.trim()} is none of \\d, \\d NAME and \\q`)
  }

  /** Runs what lacks no more than its semicolon. @returns false for an error, or when something has no end */
  async finish(): Promise<boolean> {
    if (!(await this.#runAll(this.#reader.finish()))) return false
    if (!this.open) return true
    const what = this.#reader.inTransaction ? 'BEGIN has no COMMIT' : 'A quote or a comment has no end'
    return this.#fail(`${what}: nothing of it was run`)
  }

  async #runAll(units: string[][]): Promise<boolean> {
    for (const unit of units) if (!(await this.#run(unit.map((text) => ({ text }))))) return false
    return true
  }

  async #run(unit: Statement[]): Promise<boolean> {
    if (unit.some(({ text }) => NEEDS_PSQL.test(text))) return this.#fail('COPY with STDIN or STDOUT needs psql')
    try {
      await runSql(this.#engine, unit, (result, text) => this.#show(result, text))
      return true
    } catch (error) {
      const line = (error instanceof Error && error.message.split('\n', 1)[0]) || 'the database does not answer'
      return this.#fail(unit.length > 1 ? `${line}; nothing of the transaction was kept` : line)
    }
  }

  #show(result: Result, text: string): void {
    const { rows, rowCount } = result
    const write = (line: string) => this.#terminal.streams.stdout.write(`${line}\n`)
    if (this.#terminal.json) return rows.forEach((row) => write(this.#print(row)))
    if (rows.length > 0 || GIVES_ROWS.test(text)) return void write(this.#print(result))
    const [verb = 'Done'] = /^\w+/.exec(text) ?? []
    write(verb.toUpperCase() + (COUNTS_ROWS.test(text) ? ` ${rowCount ?? 0}` : ''))
  }

  #fail(line: string): false {
    this.#terminal.streams.stderr.write(`Error: ${line}\n`)
    return false
  }
}
