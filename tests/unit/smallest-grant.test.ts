import { expect, test } from 'vitest'
import { smallestGrant } from '../../app/services/explain/smallest-grant.ts'

const NAMES = ['product.read', 'product.update', 'product.delete', 'product.manage']
const source = (id: number, name: string, ...permissions: string[]) => ({
  id,
  name,
  is_active: true,
  is_fixed: false,
  permissions: new Set(permissions),
})
const sales = source(1, 'Sales', 'product.read')
const stock = source(2, 'Stock', 'product.update', 'product.delete')
const editors = { ...source(3, 'Editors', 'product.update'), has_user: false }
const world = {
  user: { id: 9, username: 'ann', is_active: true, is_superuser: false },
  company: { id: 1, name: 'Acme', is_active: true },
  permissions: new Map(NAMES.map((name, id) => [name, { id, is_active: true }])),
  memberships: [{ id: 5, role_id: sales.id, is_active: true }],
}

// The example at the top of `smallestGrant`.
test.for([
  ['about the user alone', [sales, stock], [editors], { step: 'add_to_group', group_id: 3 }],
  [
    'that gives nothing besides',
    [sales, stock],
    [],
    { step: 'grant_to_role', role_id: 1, permission: 'product.update' },
  ],
  ['there is', [{ ...sales, is_fixed: true }, stock], [], { step: 'assign_role', role_id: 2 }],
] as const)('of ways of one step, the one %s is the smallest', ([, roles, groups, step]) => {
  expect(smallestGrant({ ...world, roles: [...roles], groups: [...groups] }, 'product.update')).toEqual([step])
})
