import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// A quarter of the start would be compiling. What the cache is for must be imported after this line.
enableCompileCache(join(import.meta.dirname, 'var', 'cache'))
const { loadSettings } = await import('./app/core/config.ts')
const { explain } = await import('./app/core/operator-error.ts')
const { openDatabase } = await import('./app/db/open.ts')
const { serve } = await import('./app/serve.ts')

// The server's process: settings → database → app → listen → graceful stop.
try {
  const settings = loadSettings()
  const engine = await openDatabase(settings, true)
  await serve(settings, engine, (url, warnings) => {
    for (const warning of warnings) process.stderr.write(`Warning: ${warning}\n`)
    // Whoever started this process as a part of theirs says it for all.
    if (process.send) process.send({ listening: url })
    else process.stdout.write(`FastVue ${settings.VERSION} listens on ${url} (${engine.label})\n`)
  })
  process.exit(0)
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
