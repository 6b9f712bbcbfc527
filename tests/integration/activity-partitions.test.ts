import { describe, expect, test } from 'vitest'
import type { Engine } from '../../app/db/engine.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { migrate } from '../../app/db/migrator.ts'
import { keepPartitions } from '../../app/services/activity/retention.ts'
import { systemContext } from '../../app/services/context.ts'
import { activityLogs } from '../../app/models/index.ts'
import { ENGINES, MIGRATIONS, openEmptyEmbedded, rowsAs, rowsOf } from '../support/migrations.ts'
import { testSettings } from '../support/settings.ts'

const migrations = loadMigrations(MIGRATIONS)
const settings = testSettings()
const BEFORE = '0007_collaboration'
const NOW = new Date('2031-05-20T12:00:00Z')

const insert = (moment: string, company = 1) =>
  `insert into activity_logs (created_at, company_id, action) values ('${moment}', ${company}, 'a')`
const PLACES = `select tableoid::regclass::text as place, created_at::text as at from activity_logs order by created_at`
const PARTITIONS = `select relname as name from pg_class where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`

const namesOf = async (engine: Engine) => (await rowsOf(engine, PARTITIONS)).map(({ name }) => String(name))
const placesOf = async (engine: Engine) => (await rowsOf(engine, PLACES)).map(({ place }) => place)
const keep = (engine: Engine, days: number, now = NOW) =>
  systemContext({ engine, settings, company_id: null }, ({ db }) =>
    keepPartitions(db, { ACTIVITY_RETENTION_DAYS: days }, now),
  )

async function migrated(engine: Engine): Promise<void> {
  await migrate(engine, migrations)
  await rowsOf(engine, `insert into companies (name, code) values ('One', 'ONE'), ('Two', 'TWO')`)
}

describe.each(ENGINES)('partitions of the activity log on %s', (_name, open) => {
  test('take the rows that are there, forwards and back, wherever they are in time', async () => {
    const { engine, close } = await open()
    await migrate(engine, migrations, { target: BEFORE })
    await rowsOf(engine, `insert into companies (name, code) values ('One', 'ONE')`)
    for (const age of ['1 minute', '40 days', '400 days', '9 years'])
      await rowsOf(
        engine,
        `insert into activity_logs (created_at, company_id, action) values (now() - interval '${age}', 1, '${age}')`,
      )
    await rowsOf(
      engine,
      `insert into activity_logs (created_at, company_id, action) values (now() + interval '2 years', 1, 'to come')`,
    )
    const rows = 'select * from activity_logs order by id'
    const before = await rowsOf(engine, rows)
    await migrate(engine, migrations)
    expect(await rowsOf(engine, rows)).toEqual(before)
    const places = await placesOf(engine)
    expect(places.filter((place) => place === 'activity_logs_default')).toHaveLength(2)
    expect(new Set(places).size).toBe(4)
    expect((await namesOf(engine)).length).toBeGreaterThanOrEqual(5)
    await migrate(engine, migrations, { target: BEFORE })
    expect(await rowsOf(engine, rows)).toEqual(before)
    expect(await namesOf(engine)).toEqual([])
    await close()
  })

  test('are made ahead, once, and take over what was written before them', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    await rowsOf(engine, insert('2031-06-01T00:00:00Z'))
    await rowsOf(engine, insert('2031-05-31T23:59:59.999Z'))
    expect(await placesOf(engine)).toEqual(['activity_logs_default', 'activity_logs_default'])
    const made = [
      'activity_logs_y2031m05',
      'activity_logs_y2031m06',
      'activity_logs_y2031m07',
      'activity_logs_y2031m08',
    ]
    expect(await keep(engine, 0)).toEqual({ made, dropped: [], deleted: 0 })
    expect(await placesOf(engine)).toEqual(['activity_logs_y2031m05', 'activity_logs_y2031m06'])
    expect(await keep(engine, 0)).toEqual({ made: [], dropped: [], deleted: 0 })
    await close()
  })

  test('go when they are wholly too old, and with them what has none; 0 days keep all', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    for (const month of ['2031-01', '2031-02', '2031-03']) await keep(engine, 0, new Date(`${month}-01T00:00:00Z`))
    const moments = ['2019-01-01T00:00:00Z', '2031-01-31T12:00:00Z', '2031-02-01T00:00:00Z', '2031-02-28T00:00:00Z']
    for (const moment of moments) await rowsOf(engine, insert(moment))
    await keep(engine, 0)
    expect(await placesOf(engine)).toHaveLength(4)
    // 90 days before 20 May is 19 February: January is over, February is not.
    const { dropped, deleted } = await keep(engine, 90)
    expect(dropped).toContain('activity_logs_y2031m01')
    expect(dropped).not.toContain('activity_logs_y2031m02')
    expect(deleted).toBe(1)
    expect(await placesOf(engine)).toEqual(['activity_logs_y2031m02', 'activity_logs_y2031m02'])
    // Exactly old enough is old enough; a day before it is not.
    expect((await keep(engine, 80, new Date('2031-05-19T23:59:59Z'))).dropped).toEqual([])
    expect((await keep(engine, 80, new Date('2031-05-20T00:00:00Z'))).dropped).toEqual(['activity_logs_y2031m02'])
    await close()
  })

  test('are made once by two who come at the same time', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    const kept = await Promise.all([keep(engine, 0), keep(engine, 0)])
    expect(kept.map(({ made }) => made.length).toSorted((a, b) => a - b)).toEqual([0, 4])
    await close()
  })

  test('let no insert fail, of any year', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    for (const moment of ['0044-03-15T00:00:00Z', '2020-02-29T00:00:00Z', '9999-12-31T00:00:00Z'])
      expect(await rowsAs(engine, 'fastvue_app', 1, `${insert(moment)} returning action`)).toEqual([{ action: 'a' }])
    await close()
  })

  test('are behind the same wall: no right on any of them, and through the table only one’s own company', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    await keep(engine, 0)
    await rowsOf(engine, insert('2031-05-21T00:00:00Z', 2))
    for (const partition of await namesOf(engine))
      for (const role of ['fastvue_app', 'fastvue_system'] as const)
        for (const deed of [
          `select from ${partition}`,
          `delete from ${partition}`,
          `insert into ${partition} default values`,
        ])
          await expect(rowsAs(engine, role, 1, deed)).rejects.toThrow('permission denied')
    expect(await rowsAs(engine, 'fastvue_app', 1, 'select id from activity_logs')).toEqual([])
    await expect(rowsAs(engine, 'fastvue_app', 1, insert('2031-05-21T00:00:00Z', 2))).rejects.toThrow(
      'row-level security',
    )
    const call = `select keep_activity_partitions(now(), 1, 1)`
    await expect(rowsAs(engine, 'fastvue_app', 1, call)).rejects.toThrow('permission denied')
    const unguarded = `select relname from pg_class where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity`
    expect(await rowsOf(engine, unguarded)).toEqual([])
    await close()
  })

  test('of a record and of a user are read by index', async () => {
    const { engine, close } = await open()
    await migrated(engine)
    await keep(engine, 0)
    await rowsOf(
      engine,
      `insert into activity_logs (created_at, company_id, action, entity_type, entity_id)
       select '2031-05-01'::timestamptz + n * interval '5 minutes', 1 + n % 2, 'a', 'products', n % 7 from generate_series(1, 30000) n`,
    )
    await rowsOf(engine, 'analyze activity_logs')
    const planOf = async (condition: string) =>
      (
        await rowsOf(
          engine,
          `explain select * from activity_logs where company_id = 1 and ${condition} order by id desc limit 20`,
        )
      )
        .map((row) => String(row['QUERY PLAN']))
        .join('\n')
    const entity = await planOf(`entity_type = 'products' and entity_id = 3`)
    const user = await planOf('user_id = 7')
    for (const plan of [entity, user]) expect(plan).toMatch(/Index (Only )?Scan/)
    expect(entity).not.toMatch(/Seq Scan on activity_logs_y2031|Sort Key.*\n *->  Append/)
    expect(user).not.toMatch(/Seq Scan on activity_logs_y2031m0[567]/)
    await close()
  })
})

test('an owner of the tables who is nobody special keeps them as well', async () => {
  const { engine, close } = await openEmptyEmbedded()
  await rowsOf(engine, 'create role owner createrole')
  await rowsOf(engine, 'alter schema public owner to owner')
  await rowsOf(engine, 'set session authorization owner')
  await migrated(engine)
  for (const moment of ['2031-05-21T00:00:00Z', '2019-01-01T00:00:00Z']) await insertAsSystem(engine, moment)
  const { made, deleted } = await keep(engine, 365)
  expect({ made: made.length, deleted }).toEqual({ made: 4, deleted: 1 })
  await close()
})

const insertAsSystem = (engine: Engine, moment: string) =>
  systemContext({ engine, settings, company_id: null }, ({ db }) =>
    db.insert(activityLogs).values({ created_at: moment, action: 'a' }),
  )
