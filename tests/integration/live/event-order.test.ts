import { type SQL, sql } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import type { Engine } from '../../../app/db/engine.ts'
import { loadMigrations } from '../../../app/db/migration-files.ts'
import { migrate } from '../../../app/db/migrator.ts'
import { inUnitOfWork } from '../../../app/db/session.ts'
import { events } from '../../../app/models/index.ts'
import { type LiveEvent, emit } from '../../../app/services/live/emit.ts'
import { forgetEvents } from '../../../app/services/live/kept-events.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { MIGRATIONS, rowsAs, rowsOf } from '../../support/migrations.ts'
import { asPlainOwnerEmbedded, asPlainOwnerOnServer } from '../../support/plain-owner.ts'
import { SERVER_URL } from '../../support/server-databases.ts'

const event = (company_id: number, n: number): LiveEvent => ({ type: 'notification:new', company_id, data: { n } })
const stored = (engine: Engine) => rowsOf(engine, `select id, (data ->> 'n')::int as n from events order by id`)
const system = { role: 'fastvue_system', company_id: null } as const

/** Hears what the database says of events until the test ends. */
async function heardOn(engine: Engine): Promise<string[]> {
  const heard: string[] = []
  const listener = await engine.listen(
    'fastvue_events',
    (payload) => heard.push(payload),
    () => {},
  )
  onTestFinished(() => listener.close())
  return heard
}

describe('the ids of events', () => {
  test('are announced at the commit, in order, and each is final', async ({ engine, testCompany, otherCompany }) => {
    const heard = await heardOn(engine)
    await inUnitOfWork(engine, system, ({ db }) => emit(db, [event(testCompany.id, 1), event(otherCompany.id, 2)]))
    await inUnitOfWork(engine, { role: 'fastvue_app', company_id: testCompany.id }, ({ db }) =>
      emit(db, [event(testCompany.id, 3)]),
    )
    const rows = await stored(engine)
    expect(rows.map(({ n }) => n)).toEqual([1, 2, 3])
    expect(Number(rows[0]?.['id'])).toBeGreaterThan(0)
    await expect.poll(() => heard).toEqual(rows.map(({ id }) => String(id)))
  })

  test('are not announced of what is rolled back, nor kept', async ({ engine, testCompany }) => {
    const heard = await heardOn(engine)
    const failing = inUnitOfWork(engine, system, async ({ db }) => {
      await emit(db, [event(testCompany.id, 1)])
      throw new Error('not today')
    })
    await expect(failing).rejects.toThrow('not today')
    await inUnitOfWork(engine, system, ({ db }) => emit(db, [event(testCompany.id, 2)]))
    const rows = await stored(engine)
    expect(rows).toMatchObject([{ n: 2 }])
    await expect.poll(() => heard).toEqual([String(rows[0]?.['id'])])
  })

  test('of another company cannot be made by a request', async ({ engine, testCompany, otherCompany }) => {
    const scope = { role: 'fastvue_app', company_id: testCompany.id } as const
    const forged = inUnitOfWork(engine, scope, ({ db }) => emit(db, [event(otherCompany.id, 1)]))
    await expect(forged).rejects.toMatchObject({ cause: { code: 'company_forbidden' } })
    await inUnitOfWork(engine, scope, async ({ db }) => {
      await emit(db, [event(testCompany.id, 1)])
      const change = db.update(events).set({ data: {} })
      await expect(change).rejects.toMatchObject({ cause: { message: expect.stringContaining('permission denied') } })
    }).catch(() => {})
    expect(await stored(engine)).toEqual([])
  })

  test.skipIf(!SERVER_URL)('are in the order of commits, not of beginnings', async ({ engine, testCompany }) => {
    const { promise: committed, resolve: commit } = Promise.withResolvers<void>()
    const { promise: written, resolve: write } = Promise.withResolvers<void>()
    const slow = inUnitOfWork(engine, system, async ({ db }) => {
      await emit(db, [event(testCompany.id, 1)])
      write()
      await committed
    })
    await written
    await inUnitOfWork(engine, system, ({ db }) => emit(db, [event(testCompany.id, 2)]))
    expect((await stored(engine)).filter(({ id }) => Number(id) > 0)).toMatchObject([{ n: 2 }])
    commit()
    await slow
    expect((await stored(engine)).map(({ n }) => n)).toEqual([2, 1])
  })

  test.skipIf(!SERVER_URL)(
    'come in order to who reads on from the last one, with many writers',
    async ({ engine, testCompany }) => {
      const [writers, each] = [8, 40]
      const enough = new AbortController()
      const seen: number[] = []
      const readOn = async () => {
        const last = seen.at(-1) ?? 0
        const rows = await rowsOf(engine, `select id from events where id > ${last} order by id`)
        seen.push(...rows.map(({ id }) => Number(id)))
      }
      const reading = (async () => {
        while (!enough.signal.aborted) await readOn()
        await readOn()
      })()
      await Promise.all(
        Array.from({ length: writers }, async () => {
          for (let n = 0; n < each; n++)
            await inUnitOfWork(engine, system, ({ db }) =>
              emit(db, [event(testCompany.id, n), event(testCompany.id, -n)]),
            )
        }),
      )
      enough.abort()
      await reading
      expect(seen).toEqual((await stored(engine)).map(({ id }) => id))
      expect(seen).toHaveLength(2 * writers * each)
    },
  )

  /** A database's owner who is no superuser, but may create roles: the trigger takes on another role. */
  async function expectEvents(engine: Engine) {
    await migrate(engine, loadMigrations(MIGRATIONS))
    await rowsOf(engine, `insert into companies (name, code) values ('One', 'ONE')`)
    const [{ id } = {}] = await rowsOf(engine, 'select id from companies')
    const company_id = Number(id)
    for (const scope of [{ role: 'fastvue_app', company_id } as const, system])
      await inUnitOfWork(engine, scope, ({ db }) => emit(db, [event(company_id, 1)]))
    const rows = await rowsAs(engine, 'fastvue_system', null, 'select id from events')
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(Number(row['id'])).toBeGreaterThan(0)
  }

  test('are given where the owner is no superuser (embedded)', () => asPlainOwnerEmbedded(expectEvents))

  test.skipIf(!SERVER_URL)('are given where the owner is no superuser (server)', () =>
    asPlainOwnerOnServer(expectEvents),
  )
})

describe('forgetEvents', () => {
  test('forgets what nobody can ask for any more, and nothing else', async ({ engine, trusted, testCompany }) => {
    await trusted(({ db }) => emit(db, [event(testCompany.id, 1), event(testCompany.id, 2)]))
    const older = (minutes: number): SQL => sql`id - ((${minutes}::bigint * 60 * 250000) << 5)`
    await trusted(async ({ db }) => {
      await db
        .update(events)
        .set({ id: older(11) })
        .where(sql`data ->> 'n' = '1'`)
      await db
        .update(events)
        .set({ id: older(9) })
        .where(sql`data ->> 'n' = '2'`)
    })
    expect(await trusted(({ db }) => forgetEvents(db))).toBe(1)
    expect(await stored(engine)).toMatchObject([{ n: 2 }])
  })
})
