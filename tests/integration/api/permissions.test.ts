import { eq } from 'drizzle-orm'
import { PERMISSIONS, RESOURCES } from '../../../app/core/permissions.ts'
import { permissions } from '../../../app/models/index.ts'
import { addGroup, addRole } from '../../support/people.ts'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

describe('the permissions there are', () => {
  test('are listed, and filtered by what they show', async ({ as, adminUser, trusted }) => {
    await trusted(({ db }) =>
      db.update(permissions).set({ is_active: false }).where(eq(permissions.name, 'group.read')),
    )
    const admin = as(adminUser)
    const all = (await admin.get('/permissions?page_size=200&sort=name')).json()
    expect(all.total).toBe(PERMISSIONS.length)
    const audit = all.items.find(({ name }: { name: string }) => name === 'audit.read')
    expect(audit).toMatchObject({
      resource: 'audit',
      action: 'read',
      is_active: true,
      description: null,
    })
    const names = async (query: string) =>
      (await admin.get(`/permissions?page_size=200&sort=name&${query}`))
        .json()
        .items.map(({ name }: { name: string }) => name)
    expect(await names('resource=product&action__in=read,update')).toEqual(['product.read', 'product.update'])
    expect(await names('is_active=false')).toEqual(['group.read'])
    expect(await names('q=audit')).toEqual(['audit.read'])
    expect(await names('name=product:read')).toEqual(['product.read'])
    expect(await names('name__in=product:read,role.read')).toEqual(['product.read', 'role.read'])
    expect((await admin.get('/permissions?name__isnull=true')).json().total).toBe(0)
    expect((await admin.get(`/permissions/${audit.id}`)).json()).toEqual(audit)
    expect((await admin.get('/permissions/987654321')).statusCode).toBe(404)
  })

  test('are grouped by resource, sorted, the active ones alone', async ({ as, adminUser, trusted }) => {
    await trusted(({ db }) =>
      db.update(permissions).set({ is_active: false }).where(eq(permissions.name, 'group.read')),
    )
    const groups = (await as(adminUser).get('/permissions/grouped')).json()
    const listed = groups.map((group: { resource: string; permissions: { name: string }[] }) => [
      group.resource,
      group.permissions.map(({ name }) => name),
    ])
    const names = Object.entries(RESOURCES)
      .map(([resource, actions]) => [resource, actions.map((action) => `${resource}.${action}`).toSorted()] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
    expect(listed).toEqual(names.map(([resource, all]) => [resource, all.filter((name) => name !== 'group.read')]))
    expect(listed).toContainEqual(['permission', ['permission.manage', 'permission.read']])
  })
})

describe('explain', () => {
  const about = (user_id: number, permission: string) =>
    `/permissions/explain?user_id=${user_id}&permission=${permission}`

  test('tells by which role and group somebody may', async ({ as, trusted, adminUser, viewerUser, testCompany }) => {
    const company_id = testCompany.id
    const group_id = await addGroup(trusted, {
      company_id,
      name: 'Readers',
      permissions: ['product.manage'],
      users: [viewerUser.id],
    })
    expect((await as(adminUser).get(about(viewerUser.id, 'product:read'))).json()).toEqual({
      allowed: true,
      user_id: viewerUser.id,
      permission: 'product.read',
      company_id,
      via: [
        { type: 'role', id: expect.any(Number), name: 'Viewer', permission: 'product.read' },
        { type: 'group', id: group_id, name: 'Readers', permission: 'product.manage' },
      ],
      reasons: [],
      smallest_grant: null,
    })
  })

  test('tells what is missing, and the least that would change it', async ({
    as,
    trusted,
    adminUser,
    viewerUser,
    testCompany,
  }) => {
    const company_id = testCompany.id
    const ask = async () => (await as(adminUser).get(about(viewerUser.id, 'product.update'))).json()
    // Editor would give two permissions more; there is nothing smaller yet.
    const [editor] = (await as(adminUser).get('/roles?codename=editor')).json().items
    expect(await ask()).toMatchObject({
      allowed: false,
      via: [],
      reasons: [{ code: 'not_granted', name: 'product.update' }],
      smallest_grant: [{ step: 'assign_role', role_id: editor.id }],
    })
    const role_id = await addRole(trusted, { company_id, permissions: ['product.update'] })
    expect((await ask()).smallest_grant).toEqual([{ step: 'assign_role', role_id }])
    const name = 'Updaters'
    const group_id = await addGroup(trusted, {
      company_id,
      name,
      is_active: false,
      permissions: ['product.update', 'user.delete'],
      users: [viewerUser.id],
    })
    expect(await ask()).toMatchObject({
      reasons: [{ code: 'group_inactive', id: group_id, name }],
      smallest_grant: [{ step: 'assign_role', role_id }], // the group would give more
    })
  })

  test('answers about oneself without any permission, about others with permission.read', async ({
    as,
    viewerUser,
    testUser,
  }) => {
    const own = (await as(viewerUser).get('/permissions/explain?permission=product.read')).json()
    expect(own).toMatchObject({ allowed: true, user_id: viewerUser.id })
    expect((await as(viewerUser).get(about(viewerUser.id, 'product.read'))).json()).toEqual(own)
    expect((await as(viewerUser).get(about(testUser.id, 'product.read'))).json()).toMatchObject({
      code: 'permission_denied',
      detail: 'Missing permission: permission.read',
    })
    expect((await as(testUser).get(about(viewerUser.id, 'product.read'))).statusCode).toBe(200)
  })

  test('knows nobody whom the company does not see, word by word', async ({
    as,
    adminUser,
    outsider,
    stranger,
    superuser,
  }) => {
    const ask = async (user_id: number) =>
      (await as(adminUser).get(about(user_id, 'product.read'), undefined, { 'x-request-id': 'same' })).body
    expect(await ask(outsider.id)).toBe(await ask(987_654_321))
    expect(await ask(stranger.id)).toBe(await ask(987_654_321))
    expect(JSON.parse(await ask(stranger.id)).code).toBe('not_found')
    expect((await as(superuser).get(about(outsider.id, 'product.read'))).json()).toMatchObject({
      allowed: false, // in the company that the superuser is in
      reasons: [{ code: 'no_membership' }, { code: 'not_granted' }],
    })
  })

  test('refuses a permission that is none', async ({ as, adminUser }) => {
    for (const query of ['permission=product.fly', 'permission=', 'user_id=1', 'permission=product.read&x=1'])
      expect((await as(adminUser).get(`/permissions/explain?${query}`)).statusCode, query).toBe(422)
    const faults = [
      await as(adminUser).get('/permissions/explain?permission=product.fly'),
      await as(adminUser).post('/roles', { name: 'Pilots', permissions: ['product.fly'] }),
    ].map((reply) => reply.json().detail[0])
    for (const fault of faults)
      expect(fault).toMatchObject({ msg: 'no permission "product.fly"', type: 'unknown_permission' })
  })

  test('names the same fault of an id as a path does', async ({ as, adminUser }) => {
    const faultOf = async (url: string) => (await as(adminUser).get(url)).json().detail[0].msg
    const inPath = await faultOf('/users/x')
    expect(inPath).toBe('expected an id, a positive integer')
    expect(await faultOf('/permissions/explain?permission=product.read&user_id=x')).toBe(inPath)
    expect(await faultOf('/permissions/explain?permission=product.read&company_id=x')).toBe(inPath)
  })

  test('says so of a superuser', async ({ as, adminUser, superuser }) => {
    const reply = (await as(adminUser).get(about(superuser.id, 'audit.read'))).json()
    expect(reply).toMatchObject({
      allowed: true,
      via: [
        { type: 'superuser', id: superuser.id },
        { type: 'role', name: 'Super Admin' },
      ],
    })
  })

  test('takes as many statements, however many roles and groups there are', async ({
    engine,
    settings,
    trusted,
    adminUser,
    viewerUser,
    testCompany,
    authHeaders,
  }) => {
    const company_id = testCompany.id
    const counted = countingEngine(engine)
    await using own = await ownApp({ engine: counted.engine, settings })
    const admin = callerOf(own.app, authHeaders(adminUser))
    const ask = async () => {
      const before = counted.count()
      await admin.get(about(viewerUser.id, 'product.delete'))
      return counted.count() - before
    }
    await expect.poll(ask).toBe(5) // once the caller is known
    await trusted(async ({ db }) => {
      for (let n = 0; n < 30; n++) {
        await addRole(db, { company_id, permissions: ['product.read'] })
        await addGroup(db, { company_id, permissions: ['product.read'], users: [viewerUser.id] })
      }
    })
    await expect.poll(ask).toBe(5)
  })
})
