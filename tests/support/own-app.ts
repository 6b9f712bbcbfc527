import { Writable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { type AppParts, createApp } from '../../app/app.ts'
import { memoryCache } from '../../app/core/cache.ts'
import type { Settings } from '../../app/core/config.ts'
import { LEVELS } from '../../app/core/log-levels.ts'

/** The lines an app has logged. */
export interface LogLine {
  msg: string
  [field: string]: unknown
}

/** An app of a test's own, with the lines it writes to its two logs. Closed at the end of its block (`await using`). */
export async function ownApp(parts: Pick<AppParts, 'engine' | 'settings' | 'timing' | 'limiter' | 'limits'>) {
  const [log, securityLog] = [logInMemory(parts.settings), logInMemory(parts.settings)]
  const logs = { logger: log.logger, security: securityLog.logger }
  const app = await createApp({ ...parts, ...logs, cache: memoryCache(60) })
  return {
    app,
    lines: log.lines,
    securityLines: securityLog.lines,
    [Symbol.asyncDispose]: () => app.close(),
  }
}

/** A log, and the lines written to it. */
export function logInMemory({ LOG_LEVEL }: Settings): { logger: FastifyBaseLogger; lines: () => LogLine[] } {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine)
  return { logger: pino({ level: LEVELS[LOG_LEVEL] }, stream), lines }
}
