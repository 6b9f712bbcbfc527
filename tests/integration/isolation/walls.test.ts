import { afterEach, beforeEach, vi } from 'vitest'
import { forgetStatements } from '../../../app/db/statement.ts'
import type { Engine } from '../../../app/db/engine.ts'
import { BaseCRUDService } from '../../../app/services/base.ts'
import { CompanyService } from '../../../app/services/company.ts'
import { UserRecords } from '../../../app/services/users/records.ts'
import { ProductService } from '../../../app/services/product.ts'
import { RoleService } from '../../../app/services/role.ts'
import { attack } from '../../support/attack.ts'
import { attackCases } from '../../support/attack-cases/index.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { totalOf, victimOf } from '../../support/victim.ts'

const GUARDED = [
  'products',
  'idempotency_keys',
  'users',
  'companies',
  'roles',
  'role_permissions',
  'user_company_roles',
  'groups',
  'group_permissions',
  'user_groups',
]

/** Takes the first wall down: services no longer ask for their company's rows only. */
function withoutFirstWall(): void {
  // Each service that has its own.
  for (const { prototype } of [BaseCRUDService, UserRecords, CompanyService, RoleService]) {
    const service = prototype as unknown as { inCompany(): undefined }
    vi.spyOn(service, 'inCompany').mockReturnValue(undefined)
  }
}

/** Takes the second wall down while `work` runs: the database no longer guards the rows. */
async function withoutSecondWall(engine: Engine, work: () => Promise<void>): Promise<void> {
  const alter = async (change: string) => {
    const connection = await engine.connect()
    await connection.script(GUARDED.map((table) => `alter table ${table} ${change} row level security`).join('; '))
    connection.release()
  }
  await alter('disable')
  try {
    await work()
  } finally {
    await alter('enable')
  }
}

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
    const { product_id } = await victimOf({ workAs, trusted }, testUser)
    for (const name of ['A comes before', 'Z comes after'])
      await workAs(outsider, (ctx) => new ProductService(ctx).create({ name, sku: name, price: '1.00' }))
    const after = async (id: number) => {
      const cursor = Buffer.from(JSON.stringify({ s: 'name,id', v: [{ of: id }, 1], p: 2 })).toString('base64url')
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
      expect(leaks).toContain('delete /api/v1/groups/{id}: answered 204')
    })
  })
})
