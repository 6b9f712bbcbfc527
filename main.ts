import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// A quarter of the start would be compiling. What the cache is for must be imported after this line.
enableCompileCache(join(import.meta.dirname, 'var', 'cache'))
const { loadSettings } = await import('./app/core/config.ts')
const { OperatorError, explain } = await import('./app/core/operator-error.ts')
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
  const text = `${explain(error)}\n`
  // What a person can mend is for the starter to say: it may try again, and say it once.
  if (process.send && error instanceof OperatorError) process.send({ failed: text }, () => process.exit(1))
  else {
    process.stderr.write(text)
    process.exit(1)
  }
}
