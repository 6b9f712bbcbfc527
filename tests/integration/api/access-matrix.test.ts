import { eq } from 'drizzle-orm'
import { SYSTEM_ROLES } from '../../../app/core/permissions.ts'
import { permissions, roles } from '../../../app/models/index.ts'
import { addGroup, addMember, addRole } from '../../support/people.ts'
import type { Caller } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

type Ids = { role: number; group: number; permission: number }
type Call = (caller: Caller, ids: Ids) => ReturnType<Caller['get']>

/** Every route → a call that works for who may make it, its status, and what it needs. */
const CALLS: Record<string, [call: Call, status: number, permission: string]> = {
  'list roles': [(caller) => caller.get('/roles'), 200, 'role.read'],
  'get a role': [(caller, { role }) => caller.get(`/roles/${role}`), 200, 'role.read'],
  'create a role': [(caller) => caller.post('/roles', { name: 'New' }), 201, 'role.create'],
  'patch a role': [(caller, { role }) => caller.patch(`/roles/${role}`, { description: 'x' }), 200, 'role.update'],
  'put a role': [(caller, { role }) => caller.put(`/roles/${role}`, { description: 'x' }), 200, 'role.update'],
  'put role permissions': [
    (caller, { role }) => caller.put(`/roles/${role}/permissions`, { permissions: [] }),
    200,
    'role.update',
  ],
  'delete a role': [(caller, { role }) => caller.delete(`/roles/${role}`), 204, 'role.delete'],
  'list groups': [(caller) => caller.get('/groups'), 200, 'group.read'],
  'get a group': [(caller, { group }) => caller.get(`/groups/${group}`), 200, 'group.read'],
  'create a group': [(caller) => caller.post('/groups', { name: 'New' }), 201, 'group.create'],
  'patch a group': [(caller, { group }) => caller.patch(`/groups/${group}`, { description: 'x' }), 200, 'group.update'],
  'put a group': [(caller, { group }) => caller.put(`/groups/${group}`, { description: 'x' }), 200, 'group.update'],
  'put group users': [
    (caller, { group }) => caller.put(`/groups/${group}/users`, { user_ids: [] }),
    200,
    'group.update',
  ],
  'put group permissions': [
    (caller, { group }) => caller.put(`/groups/${group}/permissions`, { permissions: [] }),
    200,
    'group.update',
  ],
  'delete a group': [(caller, { group }) => caller.delete(`/groups/${group}`), 204, 'group.delete'],
  'list permissions': [(caller) => caller.get('/permissions'), 200, 'permission.read'],
  'group permissions': [(caller) => caller.get('/permissions/grouped'), 200, 'permission.read'],
  'get a permission': [(caller, ids) => caller.get(`/permissions/${ids.permission}`), 200, 'permission.read'],
}
const ALL = Object.keys(CALLS)
const READ = ['list roles', 'get a role', 'list groups', 'get a group']
const CATALOGUE = ['list permissions', 'group permissions', 'get a permission']

const MATRIX: Record<string, string[]> = {
  super_admin: ALL,
  admin: ALL,
  manager: [...READ, ...CATALOGUE, 'patch a group', 'put a group', 'put group users', 'put group permissions'],
  editor: READ,
  viewer: READ,
  member: [],
}

describe('roles, groups and permissions, by role', () => {
  test('every system role is in the table', () => {
    expect(Object.keys(MATRIX)).toEqual(SYSTEM_ROLES.map(({ codename }) => codename))
  })

  test.for(Object.entries(MATRIX))('%s', async ([codename, permitted], { as, trusted, stranger, testCompany }) => {
    const company_id = testCompany.id
    const ids = await trusted(async ({ db }) => {
      const [role] = await db.select().from(roles).where(eq(roles.codename, codename))
      await addMember(db, stranger, { id: company_id }, role!.id)
      const [permission] = await db.select().from(permissions).limit(1)
      const role_id = await addRole(db, { company_id })
      return { role: role_id, group: await addGroup(db, { company_id }), permission: permission!.id }
    })
    const caller = as({ ...stranger, company_id })
    for (const [route, [call, status, permission]] of Object.entries(CALLS)) {
      const reply = await call(caller, ids)
      if (permitted.includes(route)) expect([route, reply.statusCode]).toEqual([route, status])
      else
        expect(reply.json(), route).toMatchObject({
          code: 'permission_denied',
          detail: `Missing permission: ${permission}`,
        })
    }
  })

  test.for(ALL)('%s needs a log-in, and a company', async (route, { as, stranger }) => {
    const [call] = CALLS[route]!
    const ids = { role: 1, group: 1, permission: 1 }
    expect((await call(as(), ids)).json().code).toBe('not_authenticated')
    expect((await call(as(stranger), ids)).json().code).toBe('no_company')
  })
})
