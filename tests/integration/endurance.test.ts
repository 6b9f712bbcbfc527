import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { logInAt } from '../support/log-in-at.ts'
import { CAN_RUN_POSTGRES, OwnPostgres } from '../support/own-postgres.ts'
import { Running, serverFolder } from '../support/running.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { type Refusal, type Written, Writers } from '../support/writers.ts'

/** For how long clients write. The acceptance takes 60. */
const ASKED = process.env['ENDURANCE_SECONDS']
const SECONDS = Number(ASKED ?? 5)
const WRITERS = 16

// Read as the owner of everything, behind no wall.
const STORED = `
  SELECT p.sku,
    (SELECT count(*)::int FROM activity_logs a WHERE a.company_id = p.company_id AND a.entity_type = 'products'
      AND a.entity_id = p.id AND a.action = 'create' AND a.new_values->>'sku' = p.sku) AS entries,
    (SELECT count(*)::int FROM idempotency_keys k WHERE k.company_id = p.company_id AND k.user_id = p.created_by
      AND k.key = p.sku AND k.status = 201) AS keys
  FROM products p WHERE p.id = $1`
const TOTALS = `
  SELECT (SELECT count(*)::int FROM products) AS products, (SELECT count(*)::int FROM idempotency_keys) AS keys,
    (SELECT count(*)::int FROM activity_logs WHERE entity_type = 'products') AS entries`

/** Looks for each acknowledged product, one after the other. @returns those that are not there once, with all that belongs to them */
async function missing(database: string, { acknowledged }: Written) {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  await client.query('ANALYZE')
  const wrong: unknown[] = []
  for (const [sku, id] of acknowledged) {
    const { rows } = await client.query({ name: 'stored', text: STORED, values: [id] })
    const [row] = rows as { sku: string; entries: number; keys: number }[]
    if (row?.sku !== sku || row.entries !== 1 || row.keys !== 1) wrong.push({ sku, id, rows })
  }
  const { rows } = await client.query(TOTALS)
  await client.end()
  return { wrong, ...(rows[0] as { products: number; entries: number; keys: number }) }
}

const tally = (refusals: Refusal[]) =>
  [...Map.groupBy(refusals, ({ status, code }) => `${status} ${code}`)].map(([kind, all]) => `${all.length} × ${kind}`)

test.runIf(SERVER_URL && CAN_RUN_POSTGRES)(
  'no acknowledged write is lost while PostgreSQL is restarted and each worker is replaced',
  async () => {
    await using postgres = await OwnPostgres.startFilled()
    using place = serverFolder()
    const env = { ...place.env, DATABASE_URL: postgres.url() }
    await using server = new Running(['manage.ts', 'runserver', '--workers', '2'], { env })
    const [, url = ''] = await server.said(/Listening on (\S+) with 2 workers/)
    const writers = new Writers(url, await logInAt(url), WRITERS)
    const begun = performance.now()
    /** Waits for this part of the time, and then until all goes on. */
    const until = async (part: number) => {
      const at = begun + part * SECONDS * 1000
      await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(at), { timeout: SECONDS * 1000, interval: 20 })
      const enough = writers.count + 2 * WRITERS
      await vi.waitFor(() => expect(writers.count).toBeGreaterThan(enough), { timeout: 5000, interval: 10 })
    }

    await until(0.2)
    await postgres.restart('fast')
    await until(0.4)
    await postgres.restart('immediate')
    await until(0.6)
    for (const worker of readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ')) {
      process.kill(Number(worker), 'SIGTERM')
      await server.said(new RegExp(`Worker ${worker} has ended \\(exit code 0\\); starting another`))
      await server.said(/Worker \d+ listens/)
    }
    await until(1)
    const written = await writers.finish()
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)

    const { acknowledged, refusals, unanswered, replayed, longestGap } = written
    const figures = { acknowledged: acknowledged.size, replayed, longestGap, refusals: tally(refusals) }
    if (ASKED) process.stdout.write(`${JSON.stringify(figures)}\n`)
    const each = acknowledged.size
    expect(await missing(postgres.url(), written)).toEqual({ wrong: [], products: each, entries: each, keys: each })
    expect(refusals.filter(({ isClean }) => !isClean)).toEqual([])
    expect(refusals.length).toBeGreaterThan(0) // it was felt
    expect(unanswered).toEqual([])
    expect(longestGap).toBeLessThan(5000)
  },
  60_000 + 3 * SECONDS * 1000,
)
