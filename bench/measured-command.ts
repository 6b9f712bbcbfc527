import { runManage } from '../app/management/run.ts'

// A command of `./manage` in a process of its own, which tells its parent at the end how much memory it took at most (kB).
process.exitCode = await runManage(process.argv.slice(2))
process.send?.(process.resourceUsage().maxRSS)
process.disconnect?.()
