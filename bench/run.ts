import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeActivity, measureActivity } from './activity.ts'
import { compareServers } from './comparison.ts'
import { describeData, measureData } from './data.ts'
import { type BenchDatabase, createBenchDatabase, dropBenchDatabase } from './database.ts'
import { type Generator, openGenerator } from './generator.ts'
import { measureGuard } from './guard.ts'
import { describeLive, measureLive } from './live.ts'
import { measureLogIn } from './log-in.ts'
import { operationsOn } from './operations.ts'
import { profileOperations } from './profiling.ts'
import { type Report, describe } from './report.ts'
import { measureStart } from './start.ts'
import { countStatements } from './statements.ts'
import { describeThreats, measureThreats, meetsThreatBudgets } from './threats.ts'
import { describeTimeline, measureTimeline } from './timeline.ts'

/** `npm run bench`: FastVue against the same requests by hand. See docs/benchmarks.md. */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false }, // a look, not a measurement
    keep: { type: 'boolean', default: false }, // leaves the database and its scratch folder
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' }, // one operation: list, get or create; or activity, timeline, live, threats or data
    sockets: { type: 'string', default: '2000' }, // for live
    rows: { type: 'string' }, // of activity, for data (100000) and timeline (200000); a fifth as many messages
  },
})
const plan = {
  connections: 64,
  rounds: options.quick ? 2 : Number(options.rounds),
  seconds: options.quick ? 2 : Number(options.seconds),
  warmUpSeconds: options.quick ? 3 : 15,
}
const at = new Date().toISOString()
const wants = (part: string) => !options.only || options.only === part

const threats = wants('threats') ? measureThreats(options.quick ? 2 : 10) : undefined
if (threats) process.stdout.write(describeThreats(threats))
if (threats && !meetsThreatBudgets(threats)) process.exitCode = 1
const figures = { at, ...(options.only !== 'threats' && (await measureOnDatabase())), threats }
const results = join(import.meta.dirname, 'results')
mkdirSync(results, { recursive: true })
writeFileSync(join(results, `${at.replaceAll(':', '')}.json`), JSON.stringify(figures, null, 2))

/** Everything that needs the database of `bench/database.ts`, which is made for it. */
async function measureOnDatabase() {
  const url = process.env['BENCH_DATABASE_URL'] ?? 'postgres://root@127.0.0.1:5432/fastvue_bench'
  const database = await createBenchDatabase(url)
  const generator = openGenerator()
  try {
    const isPart = ['activity', 'timeline', 'live', 'data'].includes(options.only ?? '')
    const report = isPart ? undefined : await measureRequests(database, generator)
    if (report) process.stdout.write(describe(report))
    const activity = wants('activity') ? await measureActivity(database, generator, plan) : undefined
    if (activity) process.stdout.write(describeActivity(activity))
    const timeline = wants('timeline') ? await measureTimeline(database, Number(options.rows ?? 200_000)) : undefined
    if (timeline) process.stdout.write(describeTimeline(timeline))
    const live = wants('live') ? await measureLive(database, Number(options.sockets)) : undefined
    if (live) process.stdout.write(describeLive(live))
    // Last: it puts the rows in again, under other ids.
    const data = wants('data') ? await measureData(database, Number(options.rows ?? 100_000)) : undefined
    if (data) process.stdout.write(describeData(data))
    if (report?.comparisons.some(({ faults }) => faults > 0)) process.exitCode = 1
    return { ...report, activity, timeline, live, data }
  } finally {
    generator.close()
    if (!options.keep) {
      rmSync(database.scratch, { recursive: true })
      await dropBenchDatabase(url)
    }
  }
}

async function measureRequests(database: BenchDatabase, generator: Generator): Promise<Report> {
  const operations = operationsOn(database.ids).filter(({ name }) => !options.only || name === options.only)
  return {
    at,
    node: process.version,
    ...plan,
    start: await measureStart(database),
    statements: await countStatements(database, operations),
    comparisons: await compareServers(database, operations, generator, plan),
    profiles: await profileOperations(database, operations, generator, plan),
    guard: await measureGuard(),
    logIn: await measureLogIn(database),
  }
}
