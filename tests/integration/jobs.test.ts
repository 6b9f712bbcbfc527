import { asc, eq, sql } from 'drizzle-orm'
import { vi } from 'vitest'
import { jobs } from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'
import { JobWorker, nextTime } from '../../app/services/jobs/worker.ts'
import type { Handler } from '../../app/services/jobs/job.ts'
import { MOST_ATTEMPTS, fail, finish, giveBack, putOff, renew, schedule, take } from '../../app/services/jobs/queue.ts'
import { JOBS } from '../../app/services/jobs/registry.ts'
import { startJobs } from '../../app/services/jobs/start.ts'
import { notify } from '../../app/services/notifications/notify.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { jobParts } from '../support/jobs.ts'
import { mailServer } from '../support/mail-server.ts'

const allIn = ({ db }: Pick<Context, 'db'>) => db.select().from(jobs).orderBy(asc(jobs.id))
const put = ({ db }: Pick<Context, 'db'>, count: number) =>
  db.insert(jobs).values(Array.from({ length: count }, (_, n) => ({ name: 'work', data: { n } })))

describe('the job queue', () => {
  test('gives each job to one of those who ask at the same moment', async ({ trusted }) => {
    await trusted((ctx) => put(ctx, 20))
    const asked = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        trusted(({ db }) => take(db, ['work'], `00000000-0000-4000-8000-00000000000${n}`, 5)),
      ),
    )
    const ids = asked.flat().map(({ id }) => id)
    expect(ids).toHaveLength(20)
    expect(new Set(ids).size).toBe(20)
  })

  test('takes what is due, of the kinds that are asked for', async ({ trusted }) => {
    await trusted(async ({ db }) => {
      await db
        .insert(jobs)
        .values([
          { name: 'work', data: { n: 'due' } },
          { name: 'work', run_at: '2999-01-01T00:00:00Z' },
          { name: 'work', failed_at: '2026-01-01T00:00:00Z' },
          { name: 'of a later version' },
        ])
      const taken = await take(db, ['work'], crypto.randomUUID(), 10)
      expect(taken.map(({ data }) => data)).toEqual([{ n: 'due' }])
    })
  })

  test('gives a job to another when its worker has not been heard of, and then believes only that one', async ({
    trusted,
  }) => {
    await trusted((ctx) => put(ctx, 1))
    const ask = () => trusted(({ db }) => take(db, ['work'], crypto.randomUUID(), 1))
    const [first] = await ask()
    expect(await ask()).toEqual([])
    await trusted(({ db }) => db.update(jobs).set({ locked_until: sql`now() - interval '1 second'` }))
    const [second] = await ask()
    expect(second).toMatchObject({ id: first!.id, attempts: 2 })
    await trusted(async ({ db }) => {
      await finish(db, first!)
      await fail(db, first!, 'late')
      await giveBack(db, [first!])
      await putOff(db, first!, new Date())
    })
    const [job] = await trusted(allIn)
    expect(job).toMatchObject({ attempts: 2, error: null, locked_by: second!.locked_by })
    await trusted(({ db }) => finish(db, second!))
    expect(await trusted(allIn)).toEqual([])
  })

  test('tries again after pauses that double, and keeps what has failed for good', async ({ trusted }) => {
    await trusted((ctx) => put(ctx, 1))
    const pauses: number[] = []
    for (let n = 1; n <= MOST_ATTEMPTS; n++)
      await trusted(async ({ db }) => {
        await db.update(jobs).set({ run_at: sql`now()` })
        const [job] = await take(db, ['work'], crypto.randomUUID(), 1)
        await fail(db, job!, `no ${n}`)
        const [{ pause } = { pause: 0 }] = await db
          .select({ pause: sql<number>`extract(epoch from run_at - now())::integer` })
          .from(jobs)
        pauses.push(pause)
      })
    expect(pauses.slice(0, 4)).toEqual([10, 20, 40, 80])
    expect(Math.max(...pauses)).toBe(10_240)
    const [kept] = await trusted(allIn)
    expect(kept).toMatchObject({ error: `no ${MOST_ATTEMPTS}`, locked_by: null })
    expect(kept!.failed_at).not.toBeNull()
    expect(await trusted(({ db }) => take(db, ['work'], crypto.randomUUID(), 1))).toEqual([])
  })

  test('has one of a key at a time; one that has failed is out of the way', async ({ trusted }) => {
    await trusted(({ db }) => schedule(db, ['digest.send', 'other']))
    await trusted(({ db }) => schedule(db, ['digest.send']))
    expect(await trusted(allIn)).toHaveLength(2)
    await trusted(({ db }) => db.update(jobs).set({ failed_at: sql`now()` }))
    await trusted(({ db }) => schedule(db, ['digest.send']))
    expect(await trusted(allIn)).toHaveLength(3)
  })

  test('keeps a job that is under way for whoever says so', async ({ trusted }) => {
    await trusted((ctx) => put(ctx, 1))
    const [job] = await trusted(({ db }) => take(db, ['work'], crypto.randomUUID(), 1))
    await trusted(({ db }) => db.update(jobs).set({ locked_until: sql`now() - interval '1 second'` }))
    await trusted(({ db }) => renew(db, [job!]))
    expect(await trusted(({ db }) => take(db, ['work'], crypto.randomUUID(), 1))).toEqual([])
  })

  test('is closed to requests: they read nothing of it and put nothing into it', async ({ workAs, testUser }) => {
    const refused = { cause: { code: 'company_forbidden', cause: { code: '42501' } } } // insufficient_privilege
    for (const deed of ['select * from jobs', `insert into jobs (name) values ('work')`, 'delete from jobs'])
      await expect(workAs(testUser, ({ db }) => db.execute(sql.raw(deed)))).rejects.toMatchObject(refused)
  })
})

describe('a worker', () => {
  /** A handler that tells of each job, and waits for leave to end. */
  function slow() {
    const leave = Promise.withResolvers<void>()
    const seen: unknown[] = []
    const handler: Handler = async (_parts, { data }) => {
      seen.push(data['n'])
      await leave.promise
      return undefined
    }
    return { seen, handler, leave: leave.resolve }
  }
  const onNothing = 'smtp://127.0.0.1:9'

  test('does the work of a request once it is committed: from the route to the mail server', async ({
    engine,
    settings,
    as,
    adminUser,
    viewerUser,
    trusted,
  }) => {
    await using smtp = await mailServer()
    await using parts = jobParts(engine, settings, smtp.url)
    await as(viewerUser).put('/notifications/preferences', {
      channels: { notification: { in_app: true, email: true } },
    })
    const sent = await as(adminUser).post('/notifications', { user_ids: [viewerUser.id], title: 'Through the queue' })
    expect(sent.statusCode).toBe(201)
    const [one, two] = [startJobs(parts), startJobs(parts)]
    await vi.waitFor(() => expect(smtp.deliveries).toHaveLength(1), { timeout: 60_000 })
    await Promise.all([one.stop(), two.stop()])
    expect(smtp.deliveries.map(({ subject }) => subject)).toEqual(['Through the queue'])
    // What comes by itself waits for its next time; the mail is done and gone.
    const left = await trusted(allIn)
    expect(left.map(({ name, locked_by }) => ({ name, locked_by }))).toEqual(
      Object.keys(JOBS).flatMap((name) => (JOBS[name]?.every_minutes ? [{ name, locked_by: null }] : [])),
    )
    expect(Date.parse(left[0]!.run_at)).toBeGreaterThan(Date.now())
  })

  test('that stops finishes what it has begun and takes nothing new', async ({ engine, settings, trusted }) => {
    await using parts = jobParts(engine, settings, onNothing)
    const { seen, handler, leave } = slow()
    await trusted((ctx) => put(ctx, 6))
    const worker = new JobWorker(parts, { work: { handler } })
    await vi.waitFor(() => expect(seen).toHaveLength(4))
    const stopped = worker.stop()
    leave()
    await stopped
    expect(seen).toHaveLength(4)
    const left = await trusted(allIn)
    expect(left.map(({ attempts, locked_by }) => ({ attempts, locked_by }))).toEqual([
      { attempts: 0, locked_by: null },
      { attempts: 0, locked_by: null },
    ])
  })

  test('that fails says so in the log, and tries again later without doing it twice', async ({
    engine,
    settings,
    trusted,
    workAs,
    testUser,
    viewerUser,
  }) => {
    const warned: object[] = []
    await using broken = jobParts(engine, settings, onNothing)
    const logger = { ...broken.logger, info() {}, error() {}, warn: (line: object) => void warned.push(line) }
    const item = { item_type: 'mention' as const }
    await workAs(testUser, (ctx) => notify(ctx, [{ user_id: viewerUser.id, title: 'Hello', item }]))
    const worker = startJobs({ ...broken, logger })
    await vi.waitFor(() => expect(warned).toHaveLength(1), { timeout: 60_000 })
    await worker.stop()
    expect(warned[0]).toMatchObject({ job: 'mail.notification', attempts: 1 })
    const mail = eq(jobs.name, 'mail.notification')
    const [job] = await trusted(({ db }) => db.select().from(jobs).where(mail))
    expect(job!.error).toContain('ECONNREFUSED')
    expect(Date.parse(job!.run_at)).toBeGreaterThan(Date.now())

    await using smtp = await mailServer()
    await using parts = jobParts(engine, settings, smtp.url)
    await trusted(({ db }) =>
      db
        .update(jobs)
        .set({ run_at: sql`now()` })
        .where(mail),
    )
    const next = startJobs(parts)
    await vi.waitFor(async () => expect(await trusted(({ db }) => db.select().from(jobs).where(mail))).toEqual([]), {
      timeout: 60_000,
    })
    await next.stop()
    expect(smtp.deliveries).toHaveLength(1)
  })
})

test('what comes by itself comes at round times', () => {
  const handler = async () => undefined
  expect(nextTime({ handler, every_minutes: 15 }, new Date('2026-11-24T12:07:31Z'))).toEqual({
    until: new Date('2026-11-24T12:15:00Z'),
  })
  expect(nextTime({ handler, every_minutes: 1440 }, new Date('2026-11-24T00:00:00Z'))).toEqual({
    until: new Date('2026-11-25T00:00:00Z'),
  })
  expect(nextTime({ handler }, new Date())).toBeUndefined()
})
