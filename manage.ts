import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Half of a command's start would be compiling. What the cache is for must be imported after this line.
enableCompileCache(join(import.meta.dirname, 'var', 'cache'))
const [{ runManage }, { INTERRUPTED }] = await Promise.all([
  import('./app/management/run.ts'),
  import('./app/management/interruption.ts'),
])

process.exitCode = await runManage(process.argv.slice(2))
if (process.exitCode === INTERRUPTED) process.exit() // what was interrupted may still wait for an answer
