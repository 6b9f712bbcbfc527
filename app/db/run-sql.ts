import type { Engine, Result } from './engine.ts'
import { LEAVE_SESSION } from './socket.ts'

/** A statement of a person at a prompt, and the values of its parameters. */
export interface Statement {
  text: string
  values?: unknown[]
}

/**
 * Runs what a person typed as the role that connects, in no company and under no policy: one statement, or all of a
 * transaction from BEGIN to COMMIT. An error takes all of it back. What it has set for the session does not outlive it.
 */
export async function runSql(
  engine: Engine,
  statements: Statement[],
  onResult: (result: Result, text: string) => void,
): Promise<void> {
  const connection = await engine.connect()
  try {
    for (const { text, values } of statements) onResult(await connection.query({ text }, values), text)
    await connection.script(LEAVE_SESSION)
    connection.release()
  } catch (error) {
    const left = statements.length > 1 ? `ROLLBACK; ${LEAVE_SESSION}` : LEAVE_SESSION
    const broken = await connection.script(left).then(
      () => false,
      () => true,
    )
    connection.release(broken)
    throw error
  }
}
