import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import Table from 'cli-table3'
import pg from 'pg'
import { budget } from './budget.ts'
import type { BenchDatabase } from './database.ts'

interface Run {
  seconds: number
  /** At most, of the whole process; none for psql. */
  memoryMb?: number
}

/** What it costs to take the database out and put it in again, and what PostgreSQL's own COPY takes for the same rows. */
export interface DataFigures {
  rows: number
  fileMb: number
  export: Run
  load: Run
  copyOut: Run
  copyIn: Run
}

const TABLES = ['products', 'activity_logs', 'messages']
const BUDGET = { rows: 1_000_000, exportRatio: 0.25, memoryMb: 300 }

/**
 * Exports and loads `count` activity rows and a fifth as many messages, beside the products that there are. COPY has the same tables, indexes and constraints in the
 * same minutes. Leaves the database with other ids than before.
 */
export async function measureData(database: BenchDatabase, count: number): Promise<DataFigures> {
  const { url, scratch } = database
  const file = join(scratch, 'data.json')
  await statements(url, [ACTIVITY(count), MESSAGES(Math.round(count / 5)), 'VACUUM ANALYZE'])
  const copyOut = () => eachTable((table) => copy(url, `(SELECT * FROM ${table}) TO '${join(scratch, table)}'`))
  // Before and after, for what the machine does meanwhile.
  const before = await timed(copyOut)
  const exported = await command(database, ['export-data', '--all', '--file', file])
  const after = await timed(copyOut)
  await statements(url, [`TRUNCATE ${TABLES.join(', ')} CASCADE`, 'CHECKPOINT'])
  const copyIn = await timed(() => eachTable((table) => copy(url, `${table} FROM '${join(scratch, table)}'`)))
  await statements(url, [`TRUNCATE ${TABLES.join(', ')} CASCADE`, 'CHECKPOINT'])
  const load = await command(database, ['load-data', '--clear', '--force', '--file', file])
  const rows = await countOf(url)
  return {
    rows,
    fileMb: statSync(file).size / 1e6,
    export: exported,
    load,
    copyOut: { seconds: (before.seconds + after.seconds) / 2 },
    copyIn,
  }
}

export function describeData({ rows, fileMb, ...runs }: DataFigures): string {
  const table = new Table({ head: ['', 'seconds', 'rows/s', 'of COPY', 'peak MB'], style: { head: [], border: [] } })
  const line = (what: string, { seconds, memoryMb }: Run, theirs: Run) =>
    table.push([
      what,
      seconds.toFixed(1),
      (rows / seconds).toFixed(0),
      (theirs.seconds / seconds).toFixed(2),
      memoryMb?.toFixed(0) ?? '',
    ])
  line('export-data --all', runs.export, runs.copyOut)
  line('psql \\copy to', runs.copyOut, runs.copyOut)
  line('load-data --clear', runs.load, runs.copyIn)
  line('psql \\copy from', runs.copyIn, runs.copyIn)
  return [
    `${rows} rows of products, activity and messages, a file of ${fileMb.toFixed(0)} MB`,
    table.toString(),
    ...budgets(rows, runs),
    '',
  ].join('\n')
}

/** For a million rows: of fewer, starting is most of the time. */
function budgets(rows: number, runs: Omit<DataFigures, 'rows' | 'fileMb'>): string[] {
  if (rows < BUDGET.rows) return [`the budgets are for --rows ${BUDGET.rows}`]
  const ratio = runs.copyOut.seconds / runs.export.seconds
  const memory = Math.max(runs.export.memoryMb ?? 0, runs.load.memoryMb ?? 0)
  return [
    budget(`export-data: ${ratio.toFixed(2)} of COPY, at least ${BUDGET.exportRatio}`, ratio >= BUDGET.exportRatio),
    budget(`memory: ${memory.toFixed(0)} MB, at most ${BUDGET.memoryMb}`, memory <= BUDGET.memoryMb),
  ]
}

async function command({ url, scratch }: BenchDatabase, argv: string[]): Promise<Run> {
  let memoryMb = 0
  const { seconds } = await timed(async () => {
    const child = fork(resolve(import.meta.dirname, 'measured-command.ts'), argv, {
      env: { ...process.env, DATABASE_URL: url, SECRET_KEY: 'x'.repeat(32), LOG_DIR: join(scratch, 'logs') },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.on('message', (kilobytes) => (memoryMb = Number(kilobytes) / 1024))
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${argv[0]} ended with ${code}`)
  })
  return { seconds, memoryMb }
}

async function timed(work: () => Promise<void>): Promise<Run> {
  const started = performance.now()
  await work()
  return { seconds: (performance.now() - started) / 1000 }
}

async function eachTable(work: (table: string) => Promise<void>): Promise<void> {
  for (const table of TABLES) await work(table)
}

async function copy(url: string, what: string): Promise<void> {
  await promisify(execFile)('psql', [url, '-qc', `\\copy ${what}`])
}

async function countOf(url: string): Promise<number> {
  const counts = TABLES.map((table) => `(SELECT count(*) FROM ${table})`)
  const [row] = await statements(url, [`SELECT (${counts.join(' + ')})::float8 AS total`])
  return Number(row?.['total'])
}

/** @returns the rows of the last one */
async function statements(url: string, list: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of list) rows = (await client.query<Record<string, unknown>>(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

// About products of all companies, by people who are there, a second apart.
const from = (count: number) => `
  FROM generate_series(1, ${count}) n
  JOIN (SELECT row_number() OVER (ORDER BY id) AS r, id, company_id, name FROM products LIMIT 20000) p ON p.r = 1 + n % 20000
  JOIN (SELECT row_number() OVER (ORDER BY id) AS r, id FROM users LIMIT 50) u ON u.r = 1 + n % 50`
const ACTIVITY = (count: number) => `
  INSERT INTO activity_logs (created_at, company_id, user_id, action, entity_type, entity_id, entity_name, description,
    old_values, new_values, metadata, ip_address, user_agent, request_id, session_id, risk_score)
  SELECT now() - n * interval '1 second', p.company_id, u.id, 'update', 'products', p.id, p.name, 'Changed the price of ' || p.name,
    jsonb_build_object('price', n * 0.25), jsonb_build_object('price', n * 0.5), jsonb_build_object('n', n), '10.0.' || n % 256 || '.1',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36',
    md5(n::text), gen_random_uuid(), n % 100 ${from(count)}`
const MESSAGES = (count: number) => `
  INSERT INTO messages (created_at, company_id, user_id, model_name, record_id, body, metadata)
  SELECT now() - n * interval '1 second', p.company_id, u.id, 'products', p.id, 'What was said about it: ' || repeat(md5(n::text), 4),
    jsonb_build_object('n', n) ${from(count)}`
