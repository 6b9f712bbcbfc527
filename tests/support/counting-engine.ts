import type { Engine } from '../../app/db/engine.ts'

/** The same engine, counting the statements of its units of work. */
export function countingEngine(engine: Engine): { engine: Engine; count: () => number } {
  let statements = 0
  const connect = async () => {
    const connection = await engine.connect()
    return {
      ...connection,
      query: (...statement: Parameters<typeof connection.query>) => {
        statements += 1
        return connection.query(...statement)
      },
    }
  }
  return { engine: { ...engine, connect }, count: () => statements }
}
