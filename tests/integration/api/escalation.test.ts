import { keyHash, newApiKey } from '../../../app/core/api-keys.ts'
import { apiKeys } from '../../../app/models/index.ts'
import type { Context } from '../../../app/services/context.ts'
import { GroupService } from '../../../app/services/group.ts'
import { RoleService } from '../../../app/services/role.ts'
import { queryUnscoped } from '../../../app/db/unscoped.ts'
import { SERVER_URL } from '../../support/server-databases.ts'
import { addGroup, addMember, addRole } from '../../support/people.ts'
import { type Caller, callerOf } from '../../support/caller.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { contextOf, openUnit } from '../../support/work-as.ts'

/** Somebody who manages roles and groups, and may do nothing else but read products and users. */
const KEEPER = ['role.manage', 'group.manage', 'product.read', 'user.create', 'user.read', 'user.update', 'user.delete']

interface World {
  keeper_id: number
  company_id: number
  /** The keeper's own role. */
  keeper_role_id: number
  /** Lists what the keeper lacks. */
  strong_role_id: number
  strong_group_id: number
  /** Empty. */
  group_id: number
  role_id: number
  viewer_id: number
  superuser_id: number
}

const test = base
  .extend('world', ({ trusted, stranger, viewerUser, superuser, testCompany }): Promise<World> => {
    const company_id = testCompany.id
    return trusted(async ({ db }) => {
      const keeper_role_id = await addRole(db, { company_id, permissions: KEEPER })
      await addMember(db, stranger, { id: company_id }, keeper_role_id)
      const strong = { company_id, permissions: ['product.delete', 'product.read'], is_active: false }
      return {
        keeper_id: stranger.id,
        company_id,
        keeper_role_id,
        strong_role_id: await addRole(db, strong),
        strong_group_id: await addGroup(db, { ...strong, users: [viewerUser.id] }),
        group_id: await addGroup(db, { company_id, users: [superuser.id] }),
        role_id: await addRole(db, { company_id }),
        viewer_id: viewerUser.id,
        superuser_id: superuser.id,
      }
    })
  })
  .extend('keeper', ({ as, stranger, world }) => as({ ...stranger, company_id: world.company_id }))

const WAITING = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

type Attempt = (caller: Caller, world: World) => ReturnType<Caller['get']>

/** path → attempt, and what it lacks */
const REFUSED: Record<string, [attempt: Attempt, missing: string]> = {
  'a new role': [
    (caller) => caller.post('/roles', { name: 'x', permissions: ['product.read', 'product.update'] }),
    'product.update',
  ],
  'a new role that is off': [
    (caller) => caller.post('/roles', { name: 'x', is_active: false, permissions: ['product.update'] }),
    'product.update',
  ],
  'a new group': [(caller) => caller.post('/groups', { name: 'x', permissions: ['product:update'] }), 'product.update'],
  'a role, by PATCH': [
    (caller, { role_id }) => caller.patch(`/roles/${role_id}`, { permissions: ['product.update'] }),
    'product.update',
  ],
  'a role, by its permissions': [
    (caller, { role_id }) =>
      caller.put(`/roles/${role_id}/permissions`, { permissions: ['product.update', 'audit.read'] }),
    'audit.read, product.update',
  ],
  'one’s own role': [
    (caller, { keeper_role_id }) =>
      caller.put(`/roles/${keeper_role_id}/permissions`, { permissions: [...KEEPER, 'product.update'] }),
    'product.update',
  ],
  'manage, by who has all that it implies': [
    (caller, { role_id }) => caller.put(`/roles/${role_id}/permissions`, { permissions: ['user.manage'] }),
    'user.manage',
  ],
  'a role that is switched on': [
    (caller, { strong_role_id }) => caller.patch(`/roles/${strong_role_id}`, { is_active: true }),
    'product.delete',
  ],
  'a role that is switched on and given less': [
    (caller, { strong_role_id }) =>
      caller.patch(`/roles/${strong_role_id}`, { is_active: true, permissions: ['product.delete'] }),
    'product.delete',
  ],
  'a group, by PUT': [
    (caller, { group_id }) => caller.put(`/groups/${group_id}`, { permissions: ['product.update'] }),
    'product.update',
  ],
  'a group, by its permissions': [
    (caller, { group_id }) => caller.put(`/groups/${group_id}/permissions`, { permissions: ['product.update'] }),
    'product.update',
  ],
  'a group that is switched on': [
    (caller, { strong_group_id }) => caller.patch(`/groups/${strong_group_id}`, { is_active: true }),
    'product.delete',
  ],
  'oneself in a stronger group': [
    (caller, { strong_group_id, viewer_id, keeper_id }) =>
      caller.put(`/groups/${strong_group_id}/users`, { user_ids: [viewer_id, keeper_id] }),
    'product.delete',
  ],
  'somebody else in a stronger group': [
    (caller, { strong_group_id, viewer_id, keeper_id }) =>
      caller.patch(`/groups/${strong_group_id}`, {
        user_ids: [viewer_id, keeper_id],
        permissions: ['product.read', 'product.delete'],
      }),
    'product.delete',
  ],
}

describe('nobody grants what they do not hold', () => {
  test.for(Object.entries(REFUSED))('%s', async ([, [attempt, missing]], { as, keeper, world, superuser }) => {
    expect((await attempt(keeper, world)).json()).toMatchObject({
      code: 'permission_denied',
      detail: `You cannot grant more than you have: missing ${missing}`,
    })
    const reply = await attempt(as(superuser), world)
    expect([200, 201], reply.body).toContain(reply.statusCode)
  })

  const ALLOWED: Record<string, Attempt> = {
    'what one holds': (caller) => caller.post('/roles', { name: 'x', permissions: ['product.read', 'user:delete'] }),
    'what one’s manage implies': (caller, { role_id }) =>
      caller.put(`/roles/${role_id}/permissions`, { permissions: ['role.create', 'role.manage'] }),
    'nothing new: a stronger role may be renamed': (caller, { strong_role_id }) =>
      caller.patch(`/roles/${strong_role_id}`, { name: 'x' }),
    'less: what others hold may be taken away': (caller, { strong_role_id }) =>
      caller.put(`/roles/${strong_role_id}/permissions`, { permissions: ['product.read'] }),
    'the same: what is there may stay': (caller, { strong_role_id }) =>
      caller.put(`/roles/${strong_role_id}/permissions`, { permissions: ['product.read', 'product.delete'] }),
    'a role switched on, and stripped of what one lacks': (caller, { strong_role_id }) =>
      caller.patch(`/roles/${strong_role_id}`, { is_active: true, permissions: ['product.read'] }),
    'a group stripped of what one lacks, with more members': (caller, { strong_group_id, viewer_id, keeper_id }) =>
      caller.patch(`/groups/${strong_group_id}`, { user_ids: [viewer_id, keeper_id], permissions: ['product.read'] }),
    'a stronger group with fewer members': (caller, { strong_group_id }) =>
      caller.put(`/groups/${strong_group_id}/users`, { user_ids: [] }),
    'a group that a superuser is in': (caller, { group_id }) =>
      caller.patch(`/groups/${group_id}`, { permissions: ['product.read'] }),
  }
  test.for(Object.entries(ALLOWED))('but may grant %s', async ([, attempt], { keeper, world }) => {
    const reply = await attempt(keeper, world)
    expect([200, 201], reply.body).toContain(reply.statusCode)
  })

  test('what is refused changes nothing', async ({ keeper, world, as, superuser }) => {
    const { strong_group_id: id } = world
    const before = (await as(superuser).get(`/groups/${id}`)).json()
    await keeper.patch(`/groups/${id}`, { name: 'x', user_ids: [world.viewer_id, world.keeper_id] })
    expect((await as(superuser).get(`/groups/${id}`)).json()).toEqual(before)
  })

  test('by an API key, one grants what the key may do, even a superuser', async ({
    app,
    trusted,
    world,
    superuser,
  }) => {
    const key = newApiKey()
    await trusted(({ db }) =>
      db.insert(apiKeys).values({
        user_id: superuser.id,
        company_id: world.company_id,
        name: 'roles',
        key_hash: keyHash(key),
        permissions: ['role.manage', 'group.manage', 'product.read'],
      }),
    )
    const program = callerOf(app, { authorization: `Bearer ${key}` })
    for (const permissions of [['product.update'], ['user.read']])
      expect((await program.post('/roles', { name: 'x', permissions })).json().code).toBe('permission_denied')
    expect((await program.post('/roles', { name: 'x', company_id: null })).json().code).toBe('permission_denied')
    expect((await program.put(`/groups/${world.group_id}/users`, { user_ids: [] })).json().code).toBe(
      'permission_denied',
    )
    expect((await program.post('/roles', { name: 'x', permissions: ['product.read'] })).statusCode).toBe(201)
  })

  test('what one holds in another company counts for nothing here', async ({
    keeper,
    trusted,

    stranger,
    otherCompany,
  }) => {
    await trusted(async ({ db }) => {
      const role_id = await addRole(db, { company_id: otherCompany.id, permissions: ['product.manage'] })
      await addMember(db, stranger, otherCompany, role_id)
    })
    const body = { name: 'x', permissions: ['product.update'] }
    expect((await keeper.post('/roles', body)).json().code).toBe('permission_denied')
    const there = await keeper.post('/roles', { ...body, company_id: otherCompany.id })
    expect(there.json().code).toBe('company_forbidden') // no role.create there
  })
})

describe('superusers', () => {
  test('are put into groups and taken out by superusers alone', async ({ as, keeper, world, superuser }) => {
    const { group_id, superuser_id, viewer_id } = world
    const users = (caller: Caller, user_ids: number[]) => caller.put(`/groups/${group_id}/users`, { user_ids })
    expect((await users(keeper, [superuser_id, viewer_id])).statusCode).toBe(200) // who stays is not touched
    expect((await users(keeper, [viewer_id])).json()).toMatchObject({
      code: 'permission_denied',
      detail: expect.stringContaining('superuser'),
    })
    expect((await users(as(superuser), [viewer_id])).statusCode).toBe(200)
    expect((await users(keeper, [viewer_id, superuser_id])).json().code).toBe('permission_denied')
    expect((await users(as(superuser), [viewer_id, superuser_id])).statusCode).toBe(200)
  })
})

describe('a change waits for one that is under way, and is judged by what that leaves', () => {
  test.for(['group', 'role'] as const)(
    'of a %s',
    async (kind, { engine, settings, world, adminUser, stranger, trusted }) => {
      const [id] = await trusted(async ({ db }) => {
        const given = { company_id: world.company_id, is_active: false, permissions: ['product.read'] }
        return [kind === 'group' ? await addGroup(db, given) : await addRole(db, given)]
      })
      const keeper = { ...stranger, company_id: world.company_id }
      const service = (ctx: Context) => (kind === 'group' ? new GroupService(ctx) : new RoleService(ctx))
      const first = openUnit(engine, adminUser)
      await service(contextOf(first, settings, adminUser)).update(id, { permissions: ['product.delete'] })
      const second = openUnit(engine, keeper)
      const switchedOn = service({ ...contextOf(second, settings, keeper), permissions: new Set(KEEPER) })
        .update(id, { is_active: true })
        .then(
          () => second.commit().then(() => 'allowed'),
          (error: unknown) => second.rollback().then(() => String(error)),
        )
      // On a server, until it waits for the first; embedded, it has not begun: transactions take turns there.
      if (SERVER_URL) await expect.poll(() => queryUnscoped(engine, WAITING)).toHaveLength(1)
      const [, answer] = await Promise.all([first.commit(), switchedOn])
      expect(answer).toContain('missing product.delete')
    },
  )
})
