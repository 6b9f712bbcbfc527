import { afterEach, beforeEach, vi } from 'vitest'
import { forgetStatements } from '../../../app/db/statement.ts'
import { ProductService } from '../../../app/services/product.ts'
import { attack } from '../../support/attack.ts'
import { attackCases } from '../../support/attack-cases/index.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { totalOf, victimOf } from '../../support/victim.ts'
import { withoutFirstWall, withoutSecondWall } from '../../support/walls.ts'

// What is built with a wall down must not be kept for the tests that follow.
beforeEach(forgetStatements)
afterEach(() => {
  vi.restoreAllMocks()
  forgetStatements()
})

describe('each wall alone holds', () => {
  test('the database, with the filter of the services removed', async ({
    app,
    workAs,
    trusted,
    testUser,
    outsider,
    authHeaders,
  }) => {
    const victim = await victimOf({ workAs, trusted }, testUser)
    const before = await totalOf(trusted, victim)
    withoutFirstWall()
    expect(await attack(app, authHeaders(outsider), attackCases(victim))).toEqual([])
    expect(await totalOf(trusted, victim)).toEqual(before)
  })

  test('the services, with row-level security switched off', async ({
    app,
    engine,
    workAs,
    trusted,
    testUser,
    outsider,
    authHeaders,
  }) => {
    const victim = await victimOf({ workAs, trusted }, testUser)
    const before = await totalOf(trusted, victim)
    await withoutSecondWall(engine, async () => {
      expect(await attack(app, authHeaders(outsider), attackCases(victim))).toEqual([])
    })
    expect(await totalOf(trusted, victim)).toEqual(before)
  })

  test('the services, asked to continue a list after a record of the other company', async ({
    app,
    engine,
    workAs,
    trusted,
    testUser,
    outsider,
    authHeaders,
  }) => {
    const { records } = await victimOf({ workAs, trusted }, testUser)
    const product_id = records['products']!.id
    for (const name of ['A comes before', 'Z comes after'])
      await workAs(outsider, (ctx) => new ProductService(ctx).create({ name, sku: name, price: '1.00' }))
    const after = async (id: number) => {
      const cursor = Buffer.from(JSON.stringify({ s: 'name,id', v: [{ of: id, start: 'n' }, 1], p: 2 })).toString(
        'base64url',
      )
      const reply = await app.inject({
        url: `/api/v1/products?sort=name&cursor=${cursor}`,
        headers: authHeaders(outsider),
      })
      return reply.json()
    }
    await withoutSecondWall(engine, async () => {
      expect(await after(product_id)).toEqual(await after(product_id + 1_000_000))
    })
  })

  test('and with both removed the attack succeeds, so these tests can fail', async ({
    app,
    engine,
    workAs,
    trusted,
    testUser,
    outsider,
    authHeaders,
  }) => {
    const victim = await victimOf({ workAs, trusted }, testUser)
    withoutFirstWall()
    await withoutSecondWall(engine, async () => {
      const leaks = await attack(app, authHeaders(outsider), attackCases(victim))
      expect(leaks).toContain('get /api/v1/products: shows the record')
      expect(leaks, leaks.join('; ')).toContain('delete /api/v1/products/{id}: answered 204')
      expect(leaks).toContain('get /api/v1/users/{id}: shows the record')
      expect(leaks).toContain('get /api/v1/companies/{id}: answered 200')
      expect(leaks).toContain('get /api/v1/roles: shows the record')
      expect(leaks).toContain('put /api/v1/roles/{id}: answered 200')
      expect(leaks).toContain('get /api/v1/groups: shows the record')
      expect(leaks).toContain('get /api/v1/inbox: shows the record')
      expect(leaks).toContain('get /api/v1/notifications: shows the record')
      expect(leaks).toContain('delete /api/v1/groups/{id}: answered 204')
      expect(leaks).toContain('get /api/v1/messages/{id}: shows the record')
      expect(leaks).toContain('get /api/v1/messages/{id}/replies: answered 200')
      expect(leaks).toContain('post /api/v1/messages: answered 201')
      expect(leaks.filter((leak) => leak.startsWith('get /api/v1/messages/followers'))).toHaveLength(1)
    })
  })
})
