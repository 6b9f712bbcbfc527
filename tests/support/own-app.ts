import { Writable } from 'node:stream'
import { pino } from 'pino'
import { createApp } from '../../app/app.ts'
import type { App } from '../../app/api/http/type-provider.ts'
import { memoryCache } from '../../app/core/cache.ts'
import type { Settings } from '../../app/core/config.ts'
import type { RateLimiter } from '../../app/core/rate-limits/limiter.ts'
import type { Engine } from '../../app/db/engine.ts'
import type { LiveTiming } from '../../app/services/live/parts.ts'

/** The lines an app has logged. */
export interface LogLine {
  msg: string
  [field: string]: unknown
}

/** An app of a test's own, with the log it writes. Closed at the end of its block (`await using`). */
export async function ownApp(parts: {
  engine: Engine
  settings: Settings
  timing?: Partial<LiveTiming>
  limiter?: RateLimiter
}): Promise<{ app: App; lines: () => LogLine[] } & AsyncDisposable> {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  const app = await createApp({ ...parts, cache: memoryCache(60), logger: pino({ level: 'info' }, stream) })
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine)
  return { app, lines, [Symbol.asyncDispose]: () => app.close() }
}
