import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// A Tab makes nothing: not even the folder.
const completes = process.argv[2] === 'complete'
const folder = join(import.meta.dirname, 'var')
// Half of a command's start would be compiling. What the cache is for must be imported after this line.
if (!completes || existsSync(folder)) enableCompileCache(join(folder, 'cache'))
const [{ runManage }, { INTERRUPTED }] = await Promise.all([
  import('./app/management/run.ts'),
  import('./app/management/interruption.ts'),
])

process.stdout.on('error', ignoreClosedPipe)
process.exitCode = await runManage(process.argv.slice(2))
// What was interrupted may still wait for an answer, and so may a Tab that has waited long enough.
if (process.exitCode === INTERRUPTED || completes) process.exit()

/** `./manage routes | head`: whoever reads our output may have seen enough. The command goes on to its end. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
