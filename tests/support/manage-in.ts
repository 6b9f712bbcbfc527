import { runManage } from '../../app/management/run.ts'
import { INTERRUPTED } from '../../app/management/interruption.ts'
import { loadSettings } from '../../app/core/config.ts'

// `node tests/support/manage-in.ts FOLDER COMMAND…`: manage.ts as a process of its own, in a test's project folder.
const [directory = '', ...argv] = process.argv.slice(2)
process.exitCode = await runManage(argv, { settings: () => loadSettings(process.env, directory) })
if (process.exitCode === INTERRUPTED) process.exit()
