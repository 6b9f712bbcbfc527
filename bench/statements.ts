import { isDeepStrictEqual } from 'node:util'
import type { BenchDatabase } from './database.ts'
import { CREATED_SKU, type Operation } from './operations.ts'
import { openStatementProxy } from './statement-proxy.ts'
import { type Subject, callOnce, startBaseline, startFastVue } from './subjects.ts'

export interface StatementCount {
  operation: string
  /** The operation's own. */
  statements: string[]
  /** BEGIN with the role and the company; COMMIT. */
  scope: string[]
}

/**
 * What each operation sends to the database, read off the wire.
 * @throws Error when the baseline's SQL or replies are not the same: then nothing would be compared.
 */
export async function countStatements(database: BenchDatabase, operations: Operation[]): Promise<StatementCount[]> {
  const proxy = await openStatementProxy(database.url)
  const fastvue = await startFastVue(database, 'main.ts', proxy.url)
  const baseline = await startBaseline(database, 'bench/baseline.ts', proxy.url)
  const observe = async (subject: Subject, operation: Operation) => {
    await callOnce(subject, operation) // whoever asks is known and connections are open from here on
    proxy.take()
    const reply = await callOnce(subject, operation)
    await new Promise((resolve) => setTimeout(resolve, 50)) // a read does not wait for its COMMIT
    const sent = proxy.take().filter((text) => !isHeartbeat(text))
    return { reply, scope: sent.filter(isScope), statements: sent.filter((text) => !isScope(text)) }
  }
  try {
    const counts: StatementCount[] = []
    for (const operation of operations) {
      const ours = await observe(fastvue, operation)
      const theirs = await observe(baseline, operation)
      demandSame(operation, 'SQL', ours.statements.toSorted(), theirs.statements.toSorted())
      demandSame(operation, 'reply', comparable(ours.reply), comparable(theirs.reply))
      counts.push({ operation: operation.title, statements: ours.statements, scope: ours.scope })
    }
    return counts
  } finally {
    for (const { server } of [fastvue, baseline]) await server.stop()
    proxy.close()
  }
}

function demandSame({ name }: Operation, what: string, ours: unknown, theirs: unknown): void {
  if (isDeepStrictEqual(ours, theirs)) return
  const both = `FastVue: ${JSON.stringify(ours)}\nbaseline: ${JSON.stringify(theirs)}`
  throw new Error(`The ${what} of ${name} is not the same on both servers; bring bench/baseline.ts up to date\n${both}`)
}

/** A reply without what differs by its nature: the baseline has no cursors, and what is created is another record. */
function comparable({ next_cursor: _cursor, ...reply }: Record<string, unknown>): Record<string, unknown> {
  if (!('sku' in reply) || !String(reply['sku']).startsWith(CREATED_SKU)) return reply
  const { id: _id, sku: _sku, created_at: _created, updated_at: _updated, ...rest } = reply
  return rest
}

// Of the listening connection, whether there are requests or not.
const isHeartbeat = (text: string) => text.includes('pg_backend_pid')
const isScope = (text: string) => /^(BEGIN|COMMIT|SET LOCAL)\b|set_config/i.test(text)
