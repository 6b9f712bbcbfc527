import { eq } from 'drizzle-orm'
import { rolePermissions, userCompanyRoles, users } from '../../../app/models/index.ts'
import type { LiveEvent } from '../../../app/services/live/emit.ts'
import { ProductService } from '../../../app/services/product.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test as base } from '../../support/live-fixtures.ts'
import { addMember, addPerson, addRole } from '../../support/people.ts'

const product = { name: 'Lamp', sku: 'L-1', price: '1.00' }

/** What a test has made is in the activity log, of which auditors are told in their own time. */
const isHere = ({ type }: { type: string }): boolean => type !== 'activity:new'

/** Everybody's events of one kind of happening: who is told of it. */
const test = base
  .extend('lamp', ({ workAs, testUser }) => workAs(testUser, (ctx) => new ProductService(ctx).create(product)))
  .extend('clerk', async ({ trusted, testCompany }) => {
    const user = await addPerson(trusted, 'clerk', null)
    const role = await addRole(trusted, { company_id: testCompany.id, codename: 'clerk', permissions: ['user.read'] })
    await addMember(trusted, user, testCompany, role, { is_default: true })
    return { ...user, company_id: testCompany.id }
  })
  .extend(
    'audience',
    async ({ connect, happen, clerk, adminUser, testUser, viewerUser, outsider, superuser, tokensOf }) => {
      const people = { admin: adminUser, manager: testUser, viewer: viewerUser, outsider, superuser, clerk }
      const token = await tokensOf(clerk)
      const open = await Promise.all(
        Object.entries(people).map(async ([name, user]) => {
          const listener = await connect(user, user === clerk ? { token } : {})
          await listener.hear('connection:established')
          return [name, listener] as const
        }),
      )
      return async (...events: LiveEvent[]): Promise<string[]> => {
        await happen(...events)
        await happen({ type: 'inbox:updated', company_id: events[0]!.company_id, data: {} })
        const told = await Promise.all(
          open.map(async ([name, listener]) => {
            // The last event is everybody's in the company: what came before it has been told by then.
            if (name === 'outsider') return (await listener.echo()).some(isHere) ? [name] : []
            const heard: string[] = []
            for (;;) {
              const event = await listener.hear()
              if (event.type === 'inbox:updated') return heard
              if (isHere(event)) heard.push(name)
            }
          }),
        )
        return told.flat().toSorted()
      }
    },
  )

const about = (company_id: number, more: Partial<LiveEvent> = {}): LiveEvent => ({
  type: 'message:new',
  company_id,
  data: {},
  ...more,
})
const ALL = ['admin', 'clerk', 'manager', 'superuser', 'viewer']
const READERS = ['admin', 'manager', 'superuser', 'viewer']

describe('an event is told', () => {
  test('to everybody in the company, when it is about no record and for nobody', async ({ audience, testCompany }) => {
    expect(await audience(about(testCompany.id))).toEqual(ALL)
  })

  test('to its user alone', async ({ audience, testCompany, viewerUser, outsider }) => {
    expect(await audience(about(testCompany.id, { user_id: viewerUser.id }))).toEqual(['viewer'])
    expect(await audience(about(testCompany.id, { user_id: outsider.id }))).toEqual([])
  })

  test('to who may read the record', async ({ audience, testCompany, lamp, clerk }) => {
    const record = { model_name: 'products', record_id: lamp.id }
    expect(await audience(about(testCompany.id, record))).toEqual(READERS)
    expect(await audience(about(testCompany.id, { ...record, user_id: clerk.id }))).toEqual([])
  })

  test('to nobody, when the record is deleted, another company’s, never was, or of no model with threads', async ({
    audience,
    testCompany,
    outsider,
    testUser,
    workAs,
    lamp,
  }) => {
    const theirs = await workAs(outsider, (ctx) => new ProductService(ctx).create(product))
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(lamp.id))
    for (const [model_name, record_id] of [
      ['products', lamp.id],
      ['products', theirs.id],
      ['products', lamp.id + 1_000_000],
      ['users', testUser.id],
      ['nope', 1],
      ["products' or true --", lamp.id],
    ] as const)
      expect(await audience(about(testCompany.id, { model_name, record_id })), model_name).toEqual([])
  })

  test('to who may read internal messages, when it is of one', async ({ audience, testCompany, lamp, viewerUser }) => {
    const internal = { model_name: 'products', record_id: lamp.id, is_internal: true }
    expect(await audience(about(testCompany.id, internal))).toEqual(['admin', 'manager', 'superuser'])
    expect(await audience(about(testCompany.id, { ...internal, user_id: viewerUser.id }))).toEqual([])
  })

  test('by what people may do now, in both directions', async ({ audience, testCompany, lamp, trusted, own }) => {
    const record = about(testCompany.id, { model_name: 'products', record_id: lamp.id })
    const granted = await trusted(({ db }) => db.select().from(rolePermissions))
    await trusted(({ db }) => db.delete(rolePermissions))
    await own.app.principals.caughtUp()
    expect(await audience(record)).toEqual(['superuser'])
    await trusted(({ db }) => db.insert(rolePermissions).values(granted))
    await own.app.principals.caughtUp()
    expect(await audience(record)).toEqual(READERS)
  })

  test('to no superuser who is one no longer, beyond their role', async ({
    connect,
    happen,
    own,
    trusted,
    superuser,
    testCompany,
    otherCompany,
  }) => {
    const listener = await connect(superuser, { query: `?company_id=${otherCompany.id}` })
    await listener.hear('connection:established')
    await trusted(({ db }) => db.update(users).set({ is_superuser: false }).where(eq(users.id, superuser.id)))
    await own.app.principals.caughtUp()
    await happen(about(otherCompany.id), about(testCompany.id))
    expect(await listener.closed()).toMatchObject({ code: 4401 })
    expect(listener.told).toEqual([])
  })

  test('to nobody whose membership has ended', async ({ connect, happen, trusted, viewerUser, testCompany }) => {
    const listener = await connect(viewerUser)
    await listener.hear('connection:established')
    await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, viewerUser.id)))
    await happen(about(testCompany.id))
    expect(await listener.closed()).toMatchObject({ code: 4401 })
  })

  test('in one order, each once, in a burst of more than is read at once', async ({
    connect,
    happen,
    testUser,
    testCompany,
  }) => {
    const listener = await connect(testUser)
    await listener.hear('connection:established')
    const numbers = Array.from({ length: 1200 }, (_, n) => n)
    await happen(...numbers.map((n) => about(testCompany.id, { data: { n } })))
    const ids: number[] = []
    for (const n of numbers) {
      const { data, id } = await listener.hear()
      expect(data).toEqual({ n })
      ids.push(Number(id))
    }
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(await listener.echo()).toEqual([])
  })
})
