import type { Engine, Result } from './engine.ts'

/**
 * Runs one statement as the role that connects, in no company and under no policy: for questions about the database
 * itself, never about the data in it.
 */
export async function queryUnscoped(engine: Engine, text: string): Promise<Result['rows']> {
  const connection = await engine.connect()
  try {
    const { rows } = await connection.query({ text })
    return rows
  } finally {
    connection.release()
  }
}
