import { allows } from '../../core/permissions.ts'

/** A role or a group: what of it decides. */
export interface Source {
  id: number
  name: string
  is_active: boolean
  /** A system role or group: it can be had, and never be changed. */
  is_fixed: boolean
  permissions: ReadonlySet<string>
}

/** All that decides what one user may do in one company, as rows. */
export interface World {
  user: { id: number; username: string; is_active: boolean; is_superuser: boolean }
  company: { id: number; name: string; is_active: boolean }
  /** name → whether it is active */
  permissions: ReadonlyMap<string, { id: number; is_active: boolean }>
  /** The user's, in this company. */
  memberships: readonly { id: number; role_id: number; is_active: boolean }[]
  /** Those that the company can assign. */
  roles: readonly Source[]
  groups: readonly (Source & { has_user: boolean })[]
}

/** A source of the user's, with the membership by which they have it; a group has none. */
export interface Held {
  type: 'role' | 'group'
  source: Source
  membership?: World['memberships'][number]
}

/** What the user has in the company, active or not. */
export function heldBy({ memberships, roles, groups }: World): Held[] {
  const ofRoles = memberships.flatMap((membership) => {
    const source = roles.find(({ id }) => id === membership.role_id)
    return source ? [{ type: 'role' as const, source, membership }] : []
  })
  const ofGroups = groups.filter(({ has_user }) => has_user).map((source) => ({ type: 'group' as const, source }))
  return [...ofRoles, ...ofGroups]
}

export const isOn = ({ source, membership }: Held): boolean => source.is_active && (membership?.is_active ?? true)

/** Whether the user is a member of the company: has an active role there. */
export const isMember = (held: readonly Held[]): boolean => held.some((one) => one.type === 'role' && isOn(one))

/** The permissions that include one: itself and, where there is one, `resource.manage`. */
export function including({ permissions }: World, permission: string): string[] {
  const manage = `${permission.slice(0, permission.indexOf('.'))}.manage`
  return [...new Set([permission, manage])].filter((name) => permissions.has(name))
}

/** What works for the user, by name. */
export function granted(world: World): ReadonlySet<string> {
  const held = heldBy(world)
  if (!world.user.is_active || !world.company.is_active || !isMember(held)) return new Set()
  const names = held.filter(isOn).flatMap(({ source }) => [...source.permissions])
  return new Set(names.filter((name) => world.permissions.get(name)?.is_active))
}

export function isAllowed(world: World, permission: string): boolean {
  const { is_active, is_superuser } = world.user
  return is_active && (is_superuser || allows(granted(world), permission))
}
