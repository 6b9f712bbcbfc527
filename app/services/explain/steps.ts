import type { Source, World } from './world.ts'

/** One thing to do. */
export type Step =
  | { step: 'activate_user'; user_id: number }
  | { step: 'activate_company'; company_id: number }
  | { step: 'activate_permission'; permission: string }
  | { step: 'activate_membership'; user_company_role_id: number }
  | { step: 'activate_role' | 'assign_role'; role_id: number }
  | { step: 'activate_group' | 'add_to_group'; group_id: number }
  | { step: 'grant_to_role'; role_id: number; permission: string }
  | { step: 'grant_to_group'; group_id: number; permission: string }

/** Steps that change something for this user and nobody else. */
const OF_THE_USER: ReadonlySet<Step['step']> = new Set([
  'activate_user',
  'activate_membership',
  'assign_role',
  'add_to_group',
])
export const isOfTheUser = ({ step }: Step): boolean => OF_THE_USER.has(step)

/** The world in which the steps are done. */
export const after = (world: World, steps: readonly Step[]): World => steps.reduce(doStep, world)

function doStep(world: World, step: Step): World {
  if (step.step === 'activate_user') return { ...world, user: activate(world.user) }
  if (step.step === 'activate_company') return { ...world, company: activate(world.company) }
  if (step.step === 'activate_permission') return { ...world, permissions: withActive(world, step.permission) }
  if (step.step === 'activate_membership')
    return { ...world, memberships: changed(world.memberships, step.user_company_role_id, activate) }
  if (step.step === 'assign_role')
    return { ...world, memberships: [...world.memberships, { id: 0, role_id: step.role_id, is_active: true }] }
  if ('role_id' in step) return { ...world, roles: changed(world.roles, step.role_id, (role) => changeOf(role, step)) }
  const group = (one: World['groups'][number]) =>
    step.step === 'add_to_group' ? { ...one, has_user: true } : changeOf(one, step)
  return { ...world, groups: changed(world.groups, step.group_id, group) }
}

/** To be switched on or to be given a permission: the same for roles and groups. */
const changeOf = <S extends Source>(source: S, step: object): S =>
  'permission' in step
    ? { ...source, permissions: new Set([...source.permissions, String(step.permission)]) }
    : activate(source)

function withActive({ permissions }: World, name: string): World['permissions'] {
  const permission = permissions.get(name)
  return permission ? new Map(permissions).set(name, activate(permission)) : permissions
}

const changed = <R extends { id: number }>(rows: readonly R[], id: number, change: (row: R) => R): R[] =>
  rows.map((row) => (row.id === id ? change(row) : row))

const activate = <R extends { is_active: boolean }>(row: R): R => ({ ...row, is_active: true })
