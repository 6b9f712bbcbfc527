import { inTime } from '../core/in-time.ts'
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

/** Stands for an answer that did not come in time. */
export class NoAnswer extends Error {}

/**
 * Runs statements that have nothing to do with each other in one round trip, for who will not wait: a pooler that is paused,
 * and a machine that hangs, take connections and never answer.
 * @returns what became of each. @throws NoAnswer
 */
export async function queryInTime(
  engine: Engine,
  texts: string[],
  milliseconds: number,
): Promise<PromiseSettledResult<Result>[]> {
  const connection = await engine.connect()
  const answers = Promise.allSettled(texts.map((text) => connection.query({ text })))
  try {
    const settled = await inTime(answers, milliseconds, new NoAnswer(`${engine.label} does not answer`))
    connection.release()
    return settled
  } catch (error) {
    connection.release(true)
    throw error
  }
}
