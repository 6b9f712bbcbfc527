import { runManage } from './app/management/run.ts'

process.exitCode = await runManage(process.argv.slice(2))
