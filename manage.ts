import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Half of a command's start would be compiling. What the cache is for must be imported after this line.
enableCompileCache(join(import.meta.dirname, 'var', 'cache'))
const { runManage } = await import('./app/management/run.ts')

process.exitCode = await runManage(process.argv.slice(2))
