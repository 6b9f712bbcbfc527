import type { PgTable } from 'drizzle-orm/pg-core'
import { activityLogs, companies, products } from '../../../app/models/index.ts'
import { ActivityLog, type NewActivity } from '../../../app/services/activity/activity-log.ts'
import { logActivity } from '../../../app/services/activity/log-activity.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'

const test = base.extend('write', ({ workAs, adminUser }) => (entry: NewActivity, user = adminUser) => {
  return workAs(user, (ctx) => ActivityLog.create(ctx, entry))
})

test('a record is found by its table and by the name in its permissions', async ({ as, adminUser, write }) => {
  const { id: byTable } = await write({ action: 'x', entity_type: 'products', entity_id: 7 })
  const { id: byName } = await write({ action: 'x', entity_type: 'product', entity_id: 7 }) // as the guide writes
  const idsOf = async (path: string) => {
    const { items } = (await as(adminUser).get(`/activity-logs${path}`)).json()
    return items.map(({ id }: { id: number }) => id)
  }
  expect(await idsOf('/entity/product/7')).toEqual([byName, byTable])
  expect(await idsOf('/entity/products/7')).toEqual([byTable])
  expect(new Set(await idsOf('?entity_type=product&entity_id=7'))).toEqual(new Set([byName, byTable]))
  expect(await idsOf('/entity/group/7')).toEqual([])
})

describe('ActivityLog.create', () => {
  test('writes what the guide writes, with who did it and in which company', async ({
    write,
    adminUser,
    testCompany,
  }) => {
    const entry = await write({
      action: 'login',
      category: 'authentication',
      level: 'info',
      entity_type: 'user',
      entity_id: adminUser.id,
      entity_name: 'The admin',
      description: 'User logged in successfully',
      ip_address: '192.0.2.1',
      user_agent: 'curl',
      success: true,
    })
    expect(entry).toMatchObject({ action: 'login', user_id: adminUser.id, company_id: testCompany.id, success: true })
  })

  test('masks secrets in old and new values and in metadata', async ({ write }) => {
    const { old_values, new_values, metadata } = await write({
      action: 'update',
      old_values: { name: 'a', password: 'old' },
      new_values: { name: 'b', api: { apiKey: 'k' } },
      metadata: { headers: [{ Authorization: 'Bearer x' }] },
    })
    expect({ old_values, new_values, metadata }).toEqual({
      old_values: { name: 'a', password: '***' },
      new_values: { name: 'b', api: { apiKey: '***' } },
      metadata: { headers: [{ Authorization: '***' }] },
    })
  })

  test('takes texts of any length and any characters', async ({ write }) => {
    const long = `\0\ud800${'🦊'.repeat(5000)}`
    const entry = await write({
      action: long,
      entity_name: long,
      user_agent: long,
      description: long,
      request_id: long,
    })
    expect(Array.from(entry.action)).toHaveLength(50)
    expect(Array.from(entry.user_agent ?? '')).toHaveLength(500)
  })

  test('writes into no other company, and not into none', async ({ write, otherCompany }) => {
    await expect(write({ action: 'x', company_id: otherCompany.id })).rejects.toThrow()
    await expect(write({ action: 'x', company_id: null })).rejects.toThrow()
  })

  test('is undone with the work', async ({ workAs, adminUser, as }) => {
    const work = workAs(adminUser, async (ctx) => {
      await ActivityLog.create(ctx, { action: 'undone' })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect((await as(adminUser).get('/activity-logs?action=undone')).json().total).toBe(0)
  })

  test('finds entries by record and by user, the newest first', async ({ write, workAs, adminUser, testUser }) => {
    for (const action of ['one', 'two', 'three']) await write({ action, entity_type: 'products', entity_id: 7 })
    await write({ action: 'other', entity_type: 'products', entity_id: 8 }, testUser)
    await workAs(adminUser, async (ctx) => {
      const about = await ActivityLog.getByEntity(ctx, { entity_type: 'products', entity_id: 7, limit: 2 })
      expect(about.map(({ action }) => action)).toEqual(['three', 'two'])
      const by = await ActivityLog.getByUser(ctx, { user_id: testUser.id })
      expect(by.map(({ action }) => action)).toEqual(['other'])
    })
  })
})

describe('logActivity', () => {
  test('is for models with the mixin', async ({ workAs, adminUser, testCompany }) => {
    const log = (table: PgTable) =>
      workAs(adminUser, async (ctx) => logActivity(ctx, table, testCompany, { action: 'visit' }))
    await expect(log(companies)).rejects.toThrow('companies has no activityMixin')
    expect(await log(products)).toMatchObject({
      entity_type: 'products',
      entity_name: testCompany.name,
      action: 'visit',
    })
  })
})

describe('the activity log of requests', () => {
  test.for(['update activity_logs set action = $$x$$', 'delete from activity_logs', 'truncate activity_logs'])(
    'cannot be changed: %s',
    async (statement, { write, workAs, adminUser }) => {
      await write({ action: 'a' })
      await expect(workAs(adminUser, ({ db }) => db.execute(statement))).rejects.toMatchObject({
        cause: { cause: { message: 'permission denied for table activity_logs' } },
      })
    },
  )
})

describe('/activity-logs', () => {
  test.for([
    ['risk_score__lte=9007199254740991', 1],
    ['risk_score__gte=32768', 0],
    ['risk_score__in=0,40000', 1],
  ] as const)(
    'compares with a number that no entry can have: %s',
    async ([filter, total], { write, as, adminUser }) => {
      await write({ action: 'login' })
      const reply = await as(adminUser).get(`/activity-logs?${filter}&action=login`)
      expect(reply.json()).toMatchObject({ total })
    },
  )

  test('lists the newest first, with every field, page by page without an offset', async ({ write, as, adminUser }) => {
    for (const n of [1, 2, 3]) await write({ action: `a${n}` })
    const first = (await as(adminUser).get('/activity-logs?page_size=2')).json()
    expect(first).toMatchObject({
      total: 3,
      items: [{ action: 'a3', risk_score: expect.any(Number) }, { action: 'a2' }],
    })
    const next = (await as(adminUser).get(`/activity-logs?page_size=2&cursor=${first.next_cursor}`)).json()
    expect(next).toMatchObject({ items: [{ action: 'a1' }], next_cursor: null })
    const one = await as(adminUser).get(`/activity-logs/${first.items[0].id}`)
    expect(one.json()).toEqual(first.items[0])
  })

  test('filters by every field that the contract names', async ({ write, as, adminUser, testUser }) => {
    const odd = {
      action: 'break_in',
      category: 'security',
      level: 'critical',
      findings: ['threat'],
    } satisfies NewActivity
    await write({ ...odd, entity_type: 'products', entity_id: 5 }, testUser)
    await write({ action: 'plain' })
    const found = async (query: string) => {
      const reply = await as(adminUser).get(`/activity-logs?${query}`)
      return reply.json().items.map(({ action }: { action: string }) => action)
    }
    const filters = [
      'entity_type=products',
      'entity_id=5',
      `user_id=${testUser.id}`,
      'action=break_in',
      'suspicious=true',
    ]
    for (const filter of [...filters, 'category=security', 'level=critical'])
      expect(await found(filter)).toEqual(['break_in'])
    expect(await found('from=2000-01-01T00:00:00Z&to=2000-02-01T00:00:00Z')).toEqual([])
    expect(await found('from=2000-01-01')).toHaveLength(2)
    const wrong = await as(adminUser).get('/activity-logs?from=yesterday&user_agent=x&colour=red')
    expect(wrong.statusCode).toBe(422)
    expect(wrong.json().detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual(['from', 'user_agent', 'colour'])
  })

  test('is for who may audit', async ({ as, viewerUser, outsider, adminUser, write }) => {
    const { id } = await write({ action: 'a' })
    for (const path of ['', `/${id}`, '/entity/products/1']) {
      expect((await as().get(`/activity-logs${path}`)).statusCode).toBe(401)
      expect((await as(viewerUser).get(`/activity-logs${path}`)).json().detail).toBe('Missing permission: audit.read')
      expect((await as(adminUser).get(`/activity-logs${path}`)).statusCode).toBe(200)
    }
    expect((await as(outsider).get(`/activity-logs/${id}`)).statusCode).toBe(404)
  })

  test('of a record is its timeline alone', async ({ as, adminUser, outsider, write }) => {
    await write({ action: 'mine', entity_type: 'products', entity_id: 5 })
    await write({ action: 'theirs', entity_type: 'products', entity_id: 5 }, outsider)
    await write({ action: 'other', entity_type: 'users', entity_id: 5 })
    const { items } = (await as(adminUser).get('/activity-logs/entity/products/5')).json()
    expect(items).toMatchObject([{ action: 'mine' }])
  })

  test('of oneself needs no permission and shows no values; of others it needs one', async ({
    as,
    write,
    viewerUser,
    testUser,
    adminUser,
    otherCompany,
    trusted,
  }) => {
    await write({ action: 'mine', new_values: { price: 1 }, metadata: { a: 1 } }, viewerUser)
    const elsewhere = { company_id: otherCompany.id, user_id: viewerUser.id, action: 'elsewhere' }
    await trusted(({ db }) => db.insert(activityLogs).values([elsewhere, { ...elsewhere, company_id: null }]))
    const path = `/activity-logs/user/${viewerUser.id}`
    expect((await as(viewerUser).get(path)).json().items).toMatchObject([
      { action: 'mine', new_values: null, metadata: {} },
    ])
    expect((await as(adminUser).get(path)).json().items).toMatchObject([{ action: 'mine', new_values: { price: 1 } }])
    const refused = await as(viewerUser).get(`/activity-logs/user/${testUser.id}`)
    expect(refused.json().detail).toBe('Missing permission: audit.read')
  })

  test('of no company is for superusers alone', async ({ as, trusted, superuser, adminUser }) => {
    const [log] = await trusted(({ db }) => db.insert(activityLogs).values({ action: 'nobody' }).returning())
    const found = (await as(superuser).get('/activity-logs?company_id=all&action=nobody')).json()
    expect(found.items).toMatchObject([{ id: log!.id, company_id: null }])
    expect((await as(superuser).get(`/activity-logs/${log!.id}`)).statusCode).toBe(200)
    expect((await as(adminUser).get(`/activity-logs/${log!.id}`)).statusCode).toBe(404)
    expect((await as(adminUser).get('/activity-logs?action=nobody')).json().total).toBe(0)
  })
})
