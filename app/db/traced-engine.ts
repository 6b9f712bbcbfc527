import type { TraceAttributes, Tracing } from '../core/tracing.ts'
import type { Connection, Engine } from './engine.ts'

/** The same engine, with a span for each statement: its text, in which values are `$1`, never the values. */
export function tracedEngine(engine: Engine, tracing: Pick<Tracing, 'begin'>): Engine {
  return {
    ...engine,
    async connect(work) {
      const connection = await engine.connect(work)
      return {
        ...connection,
        query: (query, ...more) => traced(tracing, query.text, () => connection.query(query, ...more)),
        end: (how) => traced(tracing, how, () => connection.end(how)),
        script: (sql) => traced(tracing, sql, () => connection.script(sql)),
      } satisfies Connection
    },
  }
}

async function traced<R>({ begin }: Pick<Tracing, 'begin'>, text: string, run: () => Promise<R>): Promise<R> {
  const { name, attributes } = described(text)
  const end = begin(name, attributes)
  if (!end) return run()
  try {
    const result = await run()
    end()
    return result
  } catch (error) {
    end(statusCode(error))
    throw error
  }
}

/** As OpenTelemetry's conventions have it: what is done, and to what. */
function described(text: string): { name: string; attributes: TraceAttributes } {
  const operation = (/\w+/.exec(text)?.[0] ?? 'statement').toUpperCase()
  const table = /\b(?:from|into|update)\s+"?(\w+)/i.exec(text)?.[1]
  return {
    name: table === undefined ? operation : `${operation} ${table}`,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.text': text.slice(0, 2000),
      ...(table !== undefined && { 'db.collection.name': table }),
    },
  }
}

/** What OpenTelemetry calls so: PostgreSQL's code, or the network's. */
function statusCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
