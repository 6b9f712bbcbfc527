import { type Held, type World, heldBy, including, isAllowed, isMember, isOn } from './world.ts'

/** By what somebody may do it, and which of its permissions says so. */
export interface Via {
  type: 'superuser' | 'role' | 'group'
  id: number
  name: string
  permission: string
}

export type ReasonCode =
  | 'user_inactive'
  | 'company_inactive'
  | 'no_membership'
  | 'membership_inactive'
  | 'role_inactive'
  | 'group_inactive'
  | 'permission_inactive'
  | 'not_granted'

/** What is in the way, and of which record that is said. */
export interface Reason {
  code: ReasonCode
  id: number
  name: string
}

/** Everything by which the user may do it; nothing when they may not. */
export function viaOf(world: World, permission: string): Via[] {
  if (!isAllowed(world, permission)) return []
  const { user, company, permissions } = world
  const bySuperuser: Via[] = user.is_superuser
    ? [{ type: 'superuser', id: user.id, name: user.username, permission }]
    : []
  const held = heldBy(world)
  if (!company.is_active || !isMember(held)) return bySuperuser
  const bySources = held.filter(isOn).flatMap(({ type, source }) =>
    including(world, permission)
      .filter((name) => source.permissions.has(name) && permissions.get(name)?.is_active)
      .map((name) => ({ type, id: source.id, name: source.name, permission: name })),
  )
  return [...bySuperuser, ...bySources]
}

/** All that is in the way, each record once; nothing when the user may. */
export function reasonsOf(world: World, permission: string): Reason[] {
  if (isAllowed(world, permission)) return []
  const { user, company, memberships, permissions } = world
  const names = including(world, permission)
  const held = heldBy(world)
  const lists = ({ source }: Held) => names.some((name) => source.permissions.has(name))
  const relevant = held.filter((one) => lists(one) || (!isMember(held) && one.type === 'role'))
  const asleep = names.filter(
    (name) => !permissions.get(name)?.is_active && held.some((one) => one.source.permissions.has(name)),
  )

  return [
    ...(user.is_active ? [] : [{ code: 'user_inactive' as const, id: user.id, name: user.username }]),
    ...(company.is_active ? [] : [{ code: 'company_inactive' as const, id: company.id, name: company.name }]),
    ...(memberships.length ? [] : [{ code: 'no_membership' as const, id: company.id, name: company.name }]),
    ...relevant.flatMap(reasonsOfHeld),
    ...asleep.map((name) => ({ code: 'permission_inactive' as const, id: permissions.get(name)?.id ?? 0, name })),
    ...(user.is_superuser || held.some(lists)
      ? []
      : [{ code: 'not_granted' as const, id: permissions.get(permission)?.id ?? 0, name: permission }]),
  ]
}

function reasonsOfHeld({ type, source, membership }: Held): Reason[] {
  const { id, name } = source
  return [
    ...(membership && !membership.is_active ? [{ code: 'membership_inactive' as const, id: membership.id, name }] : []),
    ...(source.is_active ? [] : [{ code: `${type}_inactive` as const, id, name }]),
  ]
}
