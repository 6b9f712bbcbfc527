import { pino } from 'pino'
import { createApp } from '../../app/app.ts'
import { openCache } from '../../app/core/cache.ts'
import { testSettings } from './settings.ts'
import { openTestDatabase } from './test-database.ts'

// What a worker process opens once, for all of its files. Vitest's own worker fixtures are once for each `test.extend`.

/** This worker's database. */
export const workerDatabase = once(async () => {
  const database = await openTestDatabase()
  return { ...database, close: once(() => database.close()) }
})

/** The application on it. */
export const workerApp = once(async () => {
  const settings = testSettings()
  const { engine } = await workerDatabase()
  const cache = await openCache(settings)
  const logger = pino({ level: 'silent' })
  const app = await createApp({ settings, engine, cache, logger, security: logger })
  await app.ready()
  return { app, close: once(() => app.close().then(() => cache.close())) }
})

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => (done ??= work())
}
