import { eq } from 'drizzle-orm'
import { companies, groups, permissions, roles, userCompanyRoles, users } from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import { PermissionService } from '../../../app/services/permission.ts'
import { RBACService } from '../../../app/services/rbac.ts'
import { MembershipService } from '../../../app/services/users/memberships.ts'
import { addGroup, addMember, addRole } from '../../support/people.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { systemContext } from '../../../app/services/context.ts'

/** The stranger, with a role that lists product.read and a group that lists product.delete. */
const test = base.extend('given', ({ trusted, stranger, testCompany }) =>
  trusted(async ({ db }) => {
    const [user_id, company_id] = [stranger.id, testCompany.id]
    const role_id = await addRole(db, { company_id, permissions: ['product.read'] })
    await addMember(db, { id: user_id }, { id: company_id }, role_id)
    const group_id = await addGroup(db, { company_id, permissions: ['product.delete'], users: [user_id] })
    return { user_id, company_id, role_id, group_id }
  }),
)
type Given = Record<'user_id' | 'company_id' | 'role_id' | 'group_id', number>

const off = { is_active: false }
/** What is switched off → what is left. */
const SWITCHED_OFF: Record<string, [change: (db: Context['db'], given: Given) => Promise<unknown>, left: string[]]> = {
  'a permission': [
    (db) => db.update(permissions).set(off).where(eq(permissions.name, 'product.read')),
    ['product.delete'],
  ],
  'a group': [(db, { group_id }) => db.update(groups).set(off).where(eq(groups.id, group_id)), ['product.read']],
  'the only role, so that there is no membership': [
    (db, { role_id }) => db.update(roles).set(off).where(eq(roles.id, role_id)),
    [],
  ],
  'the membership': [
    (db, { user_id }) => db.update(userCompanyRoles).set(off).where(eq(userCompanyRoles.user_id, user_id)),
    [],
  ],
  'the company': [(db, { company_id }) => db.update(companies).set(off).where(eq(companies.id, company_id)), []],
  'the user': [(db, { user_id }) => db.update(users).set(off).where(eq(users.id, user_id)), []],
  'the account, by deleting it': [
    (db, { user_id }) => db.update(users).set({ is_deleted: true }).where(eq(users.id, user_id)),
    [],
  ],
}

describe('getUserPermissions', () => {
  test('combines roles and groups', async ({ trusted, given }) => {
    const found = await trusted((ctx) =>
      new PermissionService(ctx).getUserPermissions(given.user_id, given.company_id, { useCache: false }),
    )
    expect([...found].toSorted()).toEqual(['product.delete', 'product.read'])
  })

  test.for(Object.entries(SWITCHED_OFF))(
    'grants nothing by what is inactive: %s',
    async ([, [change, left]], { trusted, given }) => {
      const found = await trusted(async (ctx) => {
        await change(ctx.db, given)
        return new PermissionService(ctx).getUserPermissions(given.user_id, given.company_id, { useCache: false })
      })
      expect([...found]).toEqual(left)
    },
  )

  test('is of one company: none of another, and none without', async ({ trusted, given, otherCompany }) => {
    await trusted(async (ctx) => {
      const service = new PermissionService(ctx)
      for (const company_id of [otherCompany.id, null])
        expect([...(await service.getUserPermissions(given.user_id, company_id))]).toEqual([])
      expect([...(await service.getUserPermissions(987_654_321, given.company_id))]).toEqual([])
    })
  })

  test('in a request sees the request’s company alone', async ({ workAs, given, testUser, outsider }) => {
    const ask = (user: typeof testUser) =>
      workAs(user, (ctx) => new PermissionService(ctx).getUserPermissions(given.user_id, given.company_id))
    expect((await ask(testUser)).size).toBe(2)
    expect((await ask(outsider)).size).toBe(0)
  })

  test('takes two statements, however many roles and groups there are', async ({
    engine,
    settings,
    trusted,
    given,
  }) => {
    const { user_id, company_id } = given
    await trusted(async ({ db }) => {
      for (let n = 0; n < 20; n++) {
        await addMember(
          db,
          { id: user_id },
          { id: company_id },
          await addRole(db, { company_id, permissions: ['user.read', 'product.read'] }),
        )
        await addGroup(db, { company_id, permissions: ['user.read'], users: [user_id] })
      }
    })
    const counted = countingEngine(engine)
    await systemContext({ engine: counted.engine, settings, company_id: null }, async (ctx) => {
      const service = new PermissionService(ctx)
      expect((await service.getUserPermissions(user_id, company_id)).size).toBe(3)
      expect(counted.count()).toBe(2)
      await service.getUserPermissions(user_id, company_id)
      await new PermissionService(ctx).hasPermission(user_id, 'user.read', company_id)
      expect(counted.count()).toBe(2) // remembered within the unit of work
      await service.getUserPermissions(user_id, company_id, { useCache: false })
      expect(counted.count()).toBe(4)
    })
  })

  test('remembers nothing past a change of the same unit of work, and nothing past the unit', async ({
    trusted,
    given,
  }) => {
    const { user_id, company_id, role_id } = given
    const may = (ctx: Context) => new PermissionService(ctx).hasPermission(user_id, 'product.read', company_id)
    await trusted(async (ctx) => {
      expect(await may(ctx)).toBe(true)
      await new RBACService(ctx).revokePermission(role_id, 'product.read')
      expect(await may(ctx)).toBe(false)
    })
    expect(await trusted(may)).toBe(false)
    await trusted((ctx) => new RBACService(ctx).grantPermission(role_id, 'product.read'))
    expect(await trusted(may)).toBe(true)
  })
})

test('what a membership gives or takes is known to the rest of its unit of work', async ({
  workAs,
  trusted,
  adminUser,
  viewerUser,
  testCompany,
}) => {
  const [editor] = await trusted(({ db }) => db.select().from(roles).where(eq(roles.codename, 'editor')))
  const creates = await workAs(adminUser, async (ctx) => {
    const asked = new PermissionService(ctx)
    const may = () => asked.hasPermission(viewerUser.id, 'product.create', testCompany.id)
    const service = new MembershipService(ctx)
    const before = await may()
    await service.assign(viewerUser.id, { role_id: editor!.id })
    const between = await may()
    await service.remove(viewerUser.id)
    return [before, between, await may()]
  })
  expect(creates).toEqual([false, true, false])
})

describe('hasPermission', () => {
  test('tells what is granted from what is not, in either spelling', async ({ trusted, given }) => {
    await trusted(async (ctx) => {
      const may = (name: string) =>
        new PermissionService(ctx).hasPermission(given.user_id, name, given.company_id, { useCache: false })
      expect(await may('product.read')).toBe(true)
      expect(await may('product:delete')).toBe(true)
      expect(await may('product.update')).toBe(false)
      expect(await may('product.manage')).toBe(false)
    })
  })

  test('takes manage for every action on the resource', async ({ trusted, given }) => {
    await trusted(async (ctx) => {
      await new RBACService(ctx).grantPermission(given.role_id, 'role:manage')
      const may = (name: string) => new PermissionService(ctx).hasPermission(given.user_id, name, given.company_id)
      expect([await may('role.delete'), await may('role.anything'), await may('user.read')]).toEqual([
        true,
        true,
        false,
      ])
    })
  })

  test('is always true of a superuser, without a company too', async ({ trusted, superuser }) => {
    await trusted(async (ctx) => {
      const service = new PermissionService(ctx)
      expect(await service.hasPermission(superuser.id, 'any.permission', null, { isSuperuser: true })).toBe(true)
      expect(await service.hasPermission(superuser.id, 'any.permission', null)).toBe(false)
    })
  })
})
