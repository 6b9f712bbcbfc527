import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, vi } from 'vitest'
import { forgetStatements } from '../../app/db/statement.ts'
import { companies, groups, products, roles, users } from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'
import { ProductService } from '../../app/services/product.ts'
import { References } from '../../app/services/references.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { recordOf } from '../support/record-of.ts'
import { withoutFirstWall, withoutSecondWall } from '../support/walls.ts'

const TABLES = { company: companies, user: users, role: roles, group: groups, product: products }
type Field = keyof typeof TABLES
const FIELDS = Object.keys(TABLES) as Field[]
const NOBODY = 999_999_999_999_999

const demand = (ctx: Context, values: object) => new References(ctx, TABLES).demandSeen({ ...values })
const answer = (ctx: Context, values: object) =>
  demand(ctx, values)
    .then(() => 'seen')
    .catch((error: Error) => error.message)

const test = base
  // A record of each kind, of the test user's company.
  .extend('theirs', ({ workAs, testUser }) =>
    workAs(testUser, async (ctx) => {
      const ids: Partial<Record<Field, number>> = {}
      for (const field of FIELDS) ids[field] = await recordOf(ctx, TABLES[field])
      return ids as Record<Field, number>
    }),
  )

// What is built with a wall down must not be kept for the tests that follow.
beforeEach(forgetStatements)
afterEach(() => {
  vi.restoreAllMocks()
  forgetStatements()
})

describe('references', () => {
  test('to what the company sees are let through, all in one', async ({ workAs, testUser, theirs }) => {
    expect(await workAs(testUser, (ctx) => answer(ctx, theirs))).toBe('seen')
  })

  test('that are left out or null are none', async ({ workAs, outsider }) => {
    expect(await workAs(outsider, (ctx) => answer(ctx, { user: null, product: undefined, other: NOBODY }))).toBe('seen')
  })

  test('to a role of all companies are let through', async ({ workAs, trusted, outsider }) => {
    const [admin] = await trusted(({ db }) => db.select().from(roles).where(eq(roles.codename, 'admin')))
    expect(await workAs(outsider, (ctx) => answer(ctx, { role: admin!.id }))).toBe('seen')
  })

  test.for(FIELDS)(
    'to a %s of another company are answered as if it never was',
    async (field, { workAs, outsider, theirs }) => {
      const ask = (id: number) => workAs(outsider, (ctx) => answer(ctx, { [field]: id }))
      expect(await ask(theirs[field])).toBe(`${field} refers to something that does not exist`)
      expect(await ask(theirs[field])).toBe(await ask(NOBODY))
    },
  )

  test('name every field that is wrong', async ({ workAs, outsider, theirs }) => {
    const values = { ...theirs, company: outsider.company_id }
    const expected = 'user, role, group, product refers to something that does not exist'
    expect(await workAs(outsider, (ctx) => answer(ctx, values))).toBe(expected)
  })

  test('to what was deleted are to nothing', async ({ workAs, testUser, theirs }) => {
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(theirs.product))
    const { product } = theirs
    expect(await workAs(testUser, (ctx) => answer(ctx, { product }))).toContain('does not exist')
  })

  test('of a superuser across all companies are to any that is there', async ({ trusted, theirs }) => {
    const ask = (values: object) => trusted((ctx) => answer({ ...ctx, db: ctx.db, everywhere: true }, values))
    expect(await ask(theirs)).toBe('seen')
    expect(await ask({ product: NOBODY })).toContain('does not exist')
  })
})

describe('each wall alone holds references to another company', () => {
  test.for(FIELDS)('the database: %s', async (field, { workAs, outsider, theirs }) => {
    withoutFirstWall()
    expect(await workAs(outsider, (ctx) => answer(ctx, { [field]: theirs[field] }))).toContain('does not exist')
  })

  test.for(FIELDS)('the service: %s', async (field, { engine, workAs, outsider, theirs }) => {
    await withoutSecondWall(engine, async () => {
      expect(await workAs(outsider, (ctx) => answer(ctx, { [field]: theirs[field] }))).toContain('does not exist')
    })
  })

  test.for(FIELDS)('and with both removed nothing does: %s', async (field, { engine, workAs, outsider, theirs }) => {
    withoutFirstWall()
    await withoutSecondWall(engine, async () => {
      expect(await workAs(outsider, (ctx) => answer(ctx, { [field]: theirs[field] }))).toBe('seen')
    })
  })
})
