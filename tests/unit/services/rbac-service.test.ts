import { and, eq } from 'drizzle-orm'
import { roles, userCompanyRoles } from '../../../app/models/index.ts'
import { type Context, systemContext } from '../../../app/services/context.ts'
import { PermissionService } from '../../../app/services/permission.ts'
import { RBACService } from '../../../app/services/rbac.ts'
import { RoleService } from '../../../app/services/role.ts'
import { addMember, addRole } from '../../support/people.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const membershipsOf = (db: Context['db'], user_id: number) =>
  db
    .select({ role_id: userCompanyRoles.role_id, is_active: userCompanyRoles.is_active })
    .from(userCompanyRoles)
    .where(eq(userCompanyRoles.user_id, user_id))
const refused = (code: string) => expect.objectContaining({ code })

describe('in trusted work', () => {
  test('a role is assigned and removed, once or twice', async ({ trusted, stranger, testCompany }) => {
    const company_id = testCompany.id
    await trusted(async (ctx) => {
      const rbac = new RBACService(ctx)
      const may = () => new PermissionService(ctx).hasPermission(stranger.id, 'audit.read', company_id)
      const role_id = await addRole(ctx.db, { company_id, permissions: ['audit.read'] })
      for (let n = 0; n < 2; n++) await rbac.assignRole(stranger.id, role_id, company_id)
      expect(await membershipsOf(ctx.db, stranger.id)).toEqual([{ role_id, is_active: true }])
      expect(await may()).toBe(true)
      await ctx.db.update(userCompanyRoles).set({ is_active: false }).where(eq(userCompanyRoles.user_id, stranger.id))
      await rbac.assignRole(stranger.id, role_id, company_id)
      expect(await membershipsOf(ctx.db, stranger.id)).toEqual([{ role_id, is_active: true }])
      for (let n = 0; n < 2; n++) await rbac.removeRole(stranger.id, role_id, company_id)
      expect(await membershipsOf(ctx.db, stranger.id)).toEqual([])
      expect(await may()).toBe(false)
    })
  })

  test('a permission is granted and revoked, once or twice, in either spelling', async ({
    trusted,
    testCompany,
    testUser,
  }) => {
    await trusted(async (ctx) => {
      const rbac = new RBACService(ctx)
      const role_id = await addRole(ctx.db, { company_id: testCompany.id, permissions: ['product.read'] })
      await addMember(ctx.db, testUser, testCompany, role_id)
      const may = () => new PermissionService(ctx).hasPermission(testUser.id, 'audit.read', testCompany.id)
      for (const name of ['audit:read', 'audit.read']) await rbac.grantPermission(role_id, name)
      expect(await may()).toBe(true)
      for (const name of ['audit.read', 'audit:read']) await rbac.revokePermission(role_id, name)
      expect(await may()).toBe(false)
    })
  })

  test('on behalf of somebody no more is granted than they hold', async ({ engine, settings, testCompany }) => {
    const scope = { engine, settings, company_id: testCompany.id }
    const create = (ctx: Context) => new RoleService(ctx).create({ name: 'Strong', permissions: ['user.delete'] })
    const bounded = systemContext({ ...scope, permissions: new Set(['role.manage']) }, create)
    await expect(bounded).rejects.toEqual(refused('permission_denied'))
    expect(await systemContext(scope, create)).toMatchObject({ permissions: ['user.delete'] })
  })

  test('system roles stay as they are, and what is not there is not found', async ({
    trusted,
    stranger,
    testCompany,
    otherCompany,
  }) => {
    await trusted(async (ctx) => {
      const rbac = new RBACService(ctx)
      const [viewer] = await ctx.db.select().from(roles).where(eq(roles.codename, 'viewer'))
      await expect(rbac.grantPermission(viewer!.id, 'audit.read')).rejects.toEqual(refused('bad_request'))
      await expect(rbac.grantPermission(987_654_321, 'audit.read')).rejects.toEqual(refused('not_found'))
      const role_id = await addRole(ctx.db, { company_id: otherCompany.id })
      await expect(rbac.grantPermission(role_id, 'audit.fly')).rejects.toEqual(refused('validation_error'))
      await expect(rbac.assignRole(stranger.id, role_id, testCompany.id)).rejects.toEqual(refused('not_found'))
      await expect(rbac.assignRole(987_654_321, viewer!.id, testCompany.id)).rejects.toEqual(refused('not_found'))
    })
  })
})

describe('in a request', () => {
  test('nobody assigns or grants what they do not hold', async ({
    workAs,
    trusted,
    testUser,
    viewerUser,
    testCompany,
  }) => {
    const company_id = testCompany.id
    const [weak, strong] = await trusted(async ({ db }) => [
      await addRole(db, { company_id, permissions: ['product.read'] }),
      await addRole(db, { company_id, permissions: ['user.delete'] }),
    ])
    await workAs(testUser, async (ctx) => {
      const rbac = new RBACService(ctx)
      await rbac.assignRole(viewerUser.id, weak, company_id)
      await rbac.grantPermission(weak, 'product.update')
      await expect(rbac.assignRole(viewerUser.id, strong, company_id)).rejects.toEqual(refused('permission_denied'))
      await expect(rbac.assignRole(testUser.id, strong, company_id)).rejects.toEqual(refused('permission_denied'))
      await expect(rbac.grantPermission(weak, 'user.delete')).rejects.toEqual(refused('permission_denied'))
      await rbac.revokePermission(strong, 'user.delete')
      await rbac.removeRole(viewerUser.id, weak, company_id)
    })
  })

  test('nobody touches a superuser', async ({ workAs, trusted, adminUser, superuser, testCompany }) => {
    const role_id = await addRole(trusted, { company_id: testCompany.id, permissions: ['product.read'] })
    const changes = (ctx: Context) => [
      () => new RBACService(ctx).assignRole(superuser.id, role_id, testCompany.id),
      () => new RBACService(ctx).removeRole(superuser.id, role_id, testCompany.id),
    ]
    await workAs(adminUser, async (ctx) => {
      for (const change of changes(ctx)) await expect(change()).rejects.toEqual(refused('permission_denied'))
    })
    await workAs(superuser, async (ctx) => {
      for (const change of changes({ ...ctx, everywhere: true })) await change()
    })
  })

  test('nothing of another company is there', async ({
    workAs,
    trusted,
    adminUser,
    viewerUser,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    const theirs = await addRole(trusted, { company_id: otherCompany.id, permissions: ['product.read'] })
    const own = await addRole(trusted, { company_id: testCompany.id, permissions: ['product.read'] })
    await addMember(trusted, outsider, otherCompany, theirs)
    await workAs(adminUser, async (ctx) => {
      const rbac = new RBACService(ctx)
      await expect(rbac.assignRole(viewerUser.id, theirs, testCompany.id)).rejects.toEqual(refused('not_found'))
      await expect(rbac.assignRole(outsider.id, own, testCompany.id)).rejects.toEqual(refused('not_found'))
      await expect(rbac.assignRole(viewerUser.id, own, otherCompany.id)).rejects.toEqual(refused('company_forbidden'))
      await expect(rbac.removeRole(outsider.id, theirs, otherCompany.id)).rejects.toEqual(refused('company_forbidden'))
      await expect(rbac.grantPermission(theirs, 'product.read')).rejects.toEqual(refused('not_found'))
      await expect(rbac.revokePermission(theirs, 'product.read')).rejects.toEqual(refused('not_found'))
    })
    const [kept] = await trusted(({ db }) =>
      db
        .select()
        .from(userCompanyRoles)
        .where(and(eq(userCompanyRoles.user_id, outsider.id), eq(userCompanyRoles.role_id, theirs))),
    )
    expect(kept?.is_active).toBe(true)
  })
})
