import fc from 'fast-check'
import { and, eq } from 'drizzle-orm'
import { allows } from '../../app/core/permissions.ts'
import type { Engine } from '../../app/db/engine.ts'
import { inUnitOfWork } from '../../app/db/session.ts'
import { memoryCache } from '../../app/core/cache.ts'
import { roles, userCompanyRoles } from '../../app/models/index.ts'
import { type Context, createContext, standingIn } from '../../app/services/context.ts'
import { loadMemberships } from '../../app/services/membership.ts'
import { MessageService } from '../../app/services/message.ts'
import { ProductService } from '../../app/services/product.ts'
import { listQuery } from '../../app/schemas/list-query.ts'
import { z } from 'zod'
import type { TestUser } from '../support/baseline.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { addRole } from '../support/people.ts'

/** What a role may do here. */
const ROLES = {
  nothing: [],
  reads: ['product.read'],
  manages: ['product.manage'],
  internal_only: ['message.internal'],
  reads_all: ['product.read', 'message.internal'],
}
type RoleName = keyof typeof ROLES
const ROLE_NAMES = Object.keys(ROLES) as RoleName[]
const RECORDS = [0, 1, 2]
const PEOPLE = [0, 1]
const SECOND = 2 // the record of the other company

const roleName = fc.constantFrom(...ROLE_NAMES)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      record: fc.constantFrom(...RECORDS),
      is_internal: fc.boolean(),
      reply: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'restore' as const),
      record: fc.constantFrom(...RECORDS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('assign' as const), person: fc.constantFrom(...PEOPLE), role: roleName }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toggle role' as const), role: roleName }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'pause' as const), person: fc.constantFrom(...PEOPLE) }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

interface Written {
  id: number
  record: number
  is_internal: boolean
}

/** Work as a request of a user in a company would do it: with what they may do there at this moment. */
const asNow = <R>(
  engine: Engine,
  settings: Context['settings'],
  user: TestUser,
  company_id: number,
  work: (ctx: Context) => Promise<R>,
) =>
  inUnitOfWork(engine, { role: 'fastvue_app', company_id }, async (unit) => {
    const memberships = await loadMemberships(unit.db, user.id)
    const cache = memoryCache(settings.CACHE_DEFAULT_TTL)
    const standing = standingIn({ user, session_id: null, is_superuser: false, memberships }, company_id)
    return work(createContext(unit, { ...standing, settings, cache, everywhere: false, request_id: 'x' }))
  })

describe('over any history of records, roles, memberships and messages', () => {
  test('a message is seen by exactly who may read its record now and, if internal, internal messages', async ({
    database,
    engine,
    settings,
    workAs,
    trusted,
    adminUser,
    outsider,
    viewerUser,
    stranger,
    testCompany,
    otherCompany,
  }) => {
    const people = [viewerUser, stranger]
    const whole = listQuery(z.object({ id: z.int() })).parse({ page_size: '200' })

    /** Carries a history out, and then compares all that everybody sees with what they should. */
    const run = async (history: Step[]) => {
      await database.restore()
      await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, viewerUser.id)))
      const roleIds = {} as Record<RoleName, number>
      for (const name of ROLE_NAMES)
        roleIds[name] = await addRole(trusted, {
          company_id: testCompany.id,
          codename: `p_${name}`,
          permissions: ROLES[name],
        })
      const owners = [adminUser, adminUser, outsider]
      const ids: number[] = []
      for (const [n, owner] of owners.entries())
        ids.push(
          (await workAs(owner, (ctx) => new ProductService(ctx).create({ name: 'x', sku: `X-${n}`, price: '1' }))).id,
        )

      // The model: kept beside the system, never read from it.
      const live = new Set(RECORDS)
      const held = new Map<number, Set<RoleName>>(PEOPLE.map((n) => [n, new Set()]))
      const paused = new Set<number>()
      const off = new Set<RoleName>()
      const written: Written[] = []

      for (const one of history) {
        if (one.do === 'write' && live.has(one.record)) {
          const { record, reply } = one
          const parent = reply ? written.findLast((message) => message.record === record) : undefined
          const is_internal = one.is_internal || parent?.is_internal === true
          const values = {
            model_name: 'products',
            record_id: ids[record]!,
            body: 'x',
            is_internal,
            parent_id: parent?.id,
          }
          const { id } = await workAs(owners[record]!, (ctx) => new MessageService(ctx).create(values))
          written.push({ id, record, is_internal })
        } else if (one.do === 'delete' && live.delete(one.record)) {
          await workAs(owners[one.record]!, (ctx) => new ProductService(ctx).delete(ids[one.record]!))
        } else if (one.do === 'restore' && !live.has(one.record)) {
          live.add(one.record)
          await workAs(owners[one.record]!, (ctx) => new ProductService(ctx).restore(ids[one.record]!))
        } else if (one.do === 'assign' && !held.get(one.person)!.has(one.role)) {
          held.get(one.person)!.add(one.role)
          const row = { user_id: people[one.person]!.id, company_id: testCompany.id, role_id: roleIds[one.role] }
          await trusted(({ db }) => db.insert(userCompanyRoles).values({ ...row, is_active: !paused.has(one.person) }))
        } else if (one.do === 'toggle role') {
          if (!off.delete(one.role)) off.add(one.role)
          const is_active = !off.has(one.role)
          await trusted(({ db }) => db.update(roles).set({ is_active }).where(eq(roles.id, roleIds[one.role])))
        } else if (one.do === 'end') {
          held.get(one.person)!.clear()
          await trusted(({ db }) =>
            db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, people[one.person]!.id)),
          )
        } else if (one.do === 'pause') {
          if (!paused.delete(one.person)) paused.add(one.person)
          const is_active = !paused.has(one.person)
          await trusted(({ db }) =>
            db
              .update(userCompanyRoles)
              .set({ is_active })
              .where(
                and(
                  eq(userCompanyRoles.user_id, people[one.person]!.id),
                  eq(userCompanyRoles.company_id, testCompany.id),
                ),
              ),
          )
        }
      }

      const seenBy = (permissions: ReadonlySet<string>, records: number[]) =>
        written.filter(
          ({ record, is_internal }) =>
            records.includes(record) &&
            live.has(record) &&
            allows(permissions, 'product.read') &&
            (!is_internal || allows(permissions, 'message.internal')),
        )
      const check = async (user: TestUser, company_id: number, expected: Written[]) => {
        const seen = await asNow(engine, settings, user, company_id, async (ctx) => {
          const service = new MessageService(ctx)
          const single: number[] = []
          for (const { id } of written)
            if (
              await service.get(id).then(
                () => true,
                () => false,
              )
            )
              single.push(id)
          const listed: number[] = []
          for (const record_id of ids) {
            const page = await service.list({ model_name: 'products', record_id }, whole).catch(() => undefined)
            if (page) expect(page.total).toBe(page.items.length)
            listed.push(...(page?.items ?? []).map(({ id }) => id))
          }
          return { single, listed }
        })
        const wanted = expected.map(({ id }) => id).toSorted((a, b) => a - b)
        expect({ user: user.username, ids: seen.single.toSorted((a, b) => a - b) }).toEqual({
          user: user.username,
          ids: wanted,
        })
        expect({ user: user.username, ids: seen.listed.toSorted((a, b) => a - b) }).toEqual({
          user: user.username,
          ids: wanted,
        })
      }
      for (const n of PEOPLE) {
        const active = paused.has(n) ? [] : [...held.get(n)!].filter((name) => !off.has(name))
        const permissions = new Set<string>(active.flatMap((name) => ROLES[name]))
        await check(people[n]!, testCompany.id, seenBy(permissions, [0, 1]))
        await check(people[n]!, otherCompany.id, [])
      }
      const all = new Set(['product.read', 'message.internal'])
      await check(adminUser, testCompany.id, seenBy(all, [0, 1]))
      await check(outsider, otherCompany.id, seenBy(all, [SECOND]))
    }

    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), run), {
      numRuns: 60,
      interruptAfterTimeLimit: 12_000,
      markInterruptAsFailure: false,
      endOnFailure: true,
    })
  }, 120_000)
})
