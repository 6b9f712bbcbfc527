import Table from 'cli-table3'
import pg from 'pg'
import { loadSettings } from '../app/core/config.ts'
import type { Engine } from '../app/db/engine.ts'
import { openDatabase } from '../app/db/open.ts'
import { ActivityLog } from '../app/services/activity/activity-log.ts'
import { type Context, systemContext } from '../app/services/context.ts'
import { budget } from './budget.ts'
import type { BenchDatabase } from './database.ts'

interface Latency {
  p50: number
  p95: number
}

/** Milliseconds that the newest 50 entries of a record's timeline take, of records of many lengths and of the longest one. */
export interface TimelineFigures {
  activityRows: number
  messageRows: number
  /** Of the record that every tenth entry is about. */
  longest: number
  activity: Latency
  messages: Latency
  longestActivity: Latency
  longestMessages: Latency
}

const BUDGET_MS = 20
const SAMPLES = 1000
const PAGE = 50
const DAYS = 360
const ROWS_AT_ONCE = 500_000
const MESSAGES = `select * from messages where company_id = $1 and model_name = 'products' and record_id = $2 order by id desc limit ${PAGE}`

/** Fills a year with `count` activity rows, and a fifth as many messages, about 20,000 products; then reads timelines, one at a time. */
export async function measureTimeline(
  { url, company_id, ids }: BenchDatabase,
  count: number,
): Promise<TimelineFigures> {
  const messageRows = Math.round(count / 5)
  await fill(url, company_id, count, messageRows)
  const settings = loadSettings({ DATABASE_URL: url, SECRET_KEY: 'x'.repeat(32), DB_POOL_SIZE: '2' })
  const engine = await openDatabase(settings)
  const read = (work: (ctx: Context, id: number) => Promise<unknown>, of: number[]) =>
    sample((id) => inCompany(engine, company_id, (ctx) => work(ctx, id)), of)
  const activity = (ctx: Context, entity_id: number) =>
    ActivityLog.getByEntity(ctx, { entity_type: 'products', entity_id, limit: PAGE })
  const messages = ({ db }: Context, id: number) =>
    db.unit.query({ name: 'bench_thread', text: MESSAGES }, [company_id, id])
  try {
    const [long = 0] = await longestOf(url, company_id)
    return {
      activityRows: count,
      messageRows,
      longest: Math.round(count / 10),
      activity: await read(activity, ids),
      messages: await read(messages, ids),
      longestActivity: await read(activity, [long]),
      longestMessages: await read(messages, [long]),
    }
  } finally {
    await engine.close()
    await connected(url, (client) => client.query('TRUNCATE activity_logs, messages CASCADE'))
  }
}

export function describeTimeline({ activityRows, messageRows, longest, ...figures }: TimelineFigures): string {
  const table = new Table({ head: ['newest 50 of a record', 'p50 ms', 'p95 ms'], style: { head: [], border: [] } })
  const line = (what: string, { p50, p95 }: Latency) => table.push([what, p50.toFixed(2), p95.toFixed(2)])
  line('activity', figures.activity)
  line('messages', figures.messages)
  line(`activity of the longest (${longest})`, figures.longestActivity)
  line('messages of the longest', figures.longestMessages)
  const worst = Math.max(...Object.values(figures).map(({ p95 }) => p95))
  return [
    `Timelines among ${activityRows} activity rows and ${messageRows} messages`,
    table.toString(),
    budget(`p95 ${worst.toFixed(1)} ms, at most ${BUDGET_MS}`, worst <= BUDGET_MS),
    '',
  ].join('\n')
}

function inCompany<R>(engine: Engine, company_id: number, work: (ctx: Context) => Promise<R>): Promise<R> {
  const settings = loadSettings({ DATABASE_URL: 'memory:', SECRET_KEY: 'x'.repeat(32) })
  return systemContext({ engine, settings, company_id, readOnly: true }, work)
}

async function sample(work: (id: number) => Promise<unknown>, of: number[]): Promise<Latency> {
  for (const id of of.slice(0, 20)) await work(id)
  const times: number[] = []
  for (let n = 0; n < SAMPLES; n++) {
    const started = performance.now()
    await work(of[n % of.length] ?? 0)
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { p50: times[Math.floor(SAMPLES * 0.5)] ?? Number.NaN, p95: times[Math.floor(SAMPLES * 0.95)] ?? Number.NaN }
}

async function fill(url: string, company_id: number, activityRows: number, messageRows: number): Promise<void> {
  await connected(url, async (client) => {
    await client.query(
      `SELECT keep_activity_partitions(now() - n * interval '1 month', 0, 0) FROM generate_series(1, ${DAYS / 30}) n`,
    )
    for (let from = 1; from <= activityRows; from += ROWS_AT_ONCE)
      await client.query(ACTIVITY(activityRows), [company_id, from, Math.min(activityRows, from + ROWS_AT_ONCE - 1)])
    for (let from = 1; from <= messageRows; from += ROWS_AT_ONCE)
      await client.query(THREADS, [company_id, from, Math.min(messageRows, from + ROWS_AT_ONCE - 1)])
    await client.query('VACUUM ANALYZE')
  })
}

const longestOf = (url: string, company_id: number): Promise<number[]> =>
  connected(url, async (client) => {
    const text = 'SELECT id::float8 AS id FROM products WHERE company_id = $1 ORDER BY id LIMIT 1'
    return (await client.query<{ id: number }>(text, [company_id])).rows.map(({ id }) => id)
  })

async function connected<R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

// Every tenth row is about the company's first product; the rest about products of all companies in turn.
const ABOUT = `
  FROM generate_series($2::int, $3::int) n
  JOIN (SELECT row_number() OVER (ORDER BY company_id = $1 DESC, id) AS r, id, company_id, name FROM products LIMIT 20000) p
    ON p.r = CASE WHEN n % 10 = 0 THEN 1 ELSE 1 + n % 20000 END
  JOIN (SELECT row_number() OVER (ORDER BY id) AS r, id FROM users LIMIT 50) u ON u.r = 1 + n % 50`
const ACTIVITY = (count: number) => `
  INSERT INTO activity_logs (created_at, company_id, user_id, action, entity_type, entity_id, entity_name, description,
    old_values, new_values, ip_address, user_agent)
  SELECT now() - (${count} - n) * (interval '${DAYS} days' / ${count}), p.company_id, u.id, 'update', 'products', p.id, p.name,
    'Changed the price of ' || p.name, jsonb_build_object('price', n * 0.25), jsonb_build_object('price', n * 0.5),
    '10.0.' || n % 256 || '.1', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0' ${ABOUT}`
const THREADS = `
  INSERT INTO messages (company_id, user_id, model_name, record_id, body)
  SELECT p.company_id, u.id, 'products', p.id, 'What was said about it: ' || repeat(md5(n::text), 4) ${ABOUT}`
