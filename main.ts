import { loadSettings } from './app/core/config.ts'
import { explain } from './app/core/operator-error.ts'
import { openDatabase } from './app/db/open.ts'
import { serve } from './app/serve.ts'

// The server's process: settings → database → app → listen → graceful stop.
try {
  const settings = loadSettings()
  const engine = await openDatabase(settings, true)
  await serve(settings, engine, (url) => {
    // Whoever started this process as a part of theirs says it for all.
    if (process.send) process.send({ listening: url })
    else process.stdout.write(`FastVue ${settings.VERSION} listens on ${url} (${engine.label})\n`)
  })
  process.exit(0)
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
