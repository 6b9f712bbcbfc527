import { allows } from '../../core/permissions.ts'
import { type Step, after, isOfTheUser } from './steps.ts'
import { type Source, type World, granted, including, isAllowed } from './world.ts'

// Plans of one length are compared by carrying each out. Their number is roles × groups for who is not in the company yet;
// past this many, those of the sources with the fewest permissions are compared, and the length is the shortest all the same.
const COMPARED = 2000

/**
 * The fewest steps after which the user may do it; of equally many, those that give the fewest permissions besides, then those
 * that change the least for others. In an order in which they can be done. Null when the user may already, or there is no way:
 * system roles and groups are never changed, and nobody is made a superuser.
 *
 * Example: Ann's only role, Sales, is active and grants `product.read`; of the company's other two, both active, Stock grants
 * `product.update` and `product.delete`, and Editors, a group without her, `product.update`. She is to have `product.update`:
 *
 *     grant_to_role Sales product.update    1 step, gives nothing else, changes something for all with that role
 *     assign_role Stock                     1 step, gives `product.delete` besides
 *     add_to_group Editors                  1 step, gives nothing else, is about her alone: this one
 *
 * Longer plans, such as granting `product.manage` to Stock and assigning it, are made too, and fall out by their length.
 */
export function smallestGrant(world: World, permission: string): Step[] | null {
  if (isAllowed(world, permission)) return null
  const all = plans(sorted(world), permission)
  const length = all.reduce((least, plan) => Math.min(least, plan.length), Infinity)
  const weighed = all
    .filter((plan) => plan.length === length)
    .slice(0, COMPARED)
    .map((plan) => ({ plan, surplus: surplus(world, plan), others: plan.filter((step) => !isOfTheUser(step)).length }))
  const [best] = weighed.toSorted((a, b) => a.surplus - b.surplus || a.others - b.others)
  return best?.plan ?? null
}

/** Every way that does nothing needless. */
function plans(world: World, permission: string): Step[][] {
  const { user, company, permissions } = world
  const openUser: Step[] = user.is_active ? [] : [{ step: 'activate_user', user_id: user.id }]
  if (user.is_superuser) return [openUser]
  const openCompany: Step[] = company.is_active ? [] : [{ step: 'activate_company', company_id: company.id }]
  const entries = world.roles.flatMap((role) => {
    const steps = toHaveRole(world, role)
    return steps ? [{ role, steps }] : []
  })
  const fewest = entries.reduce((least, { steps }) => Math.min(least, steps.length), Infinity)
  const shortest = fewest === 0 ? [[]] : entries.flatMap(({ steps }) => (steps.length === fewest ? [steps] : []))

  return including(world, permission).flatMap((name) => {
    const openName: Step[] = permissions.get(name)?.is_active ? [] : [{ step: 'activate_permission', permission: name }]
    const opening = [...openUser, ...openCompany, ...openName]
    const byRole = entries.flatMap(({ role, steps }) => {
      const grant = toList(role, { step: 'grant_to_role', role_id: role.id, permission: name })
      return grant ? [[...opening, ...grant, ...steps]] : []
    })
    const byGroup = world.groups.flatMap((group) => {
      const grant = toList(group, { step: 'grant_to_group', group_id: group.id, permission: name })
      const join = toHaveGroup(group)
      return grant && join ? shortest.map((entry) => [...opening, ...grant, ...entry, ...join]) : []
    })
    return [...byRole, ...byGroup]
  })
}

/** What makes the user a member by this role; undefined where the role cannot be switched on. */
function toHaveRole({ memberships }: World, { id, is_active, is_fixed }: Source): Step[] | undefined {
  if (!is_active && is_fixed) return undefined
  const steps: Step[] = is_active ? [] : [{ step: 'activate_role', role_id: id }]
  const membership = memberships.find(({ role_id }) => role_id === id)
  if (!membership) return [...steps, { step: 'assign_role', role_id: id }]
  return membership.is_active ? steps : [...steps, { step: 'activate_membership', user_company_role_id: membership.id }]
}

function toHaveGroup({ id, is_active, is_fixed, has_user }: World['groups'][number]): Step[] | undefined {
  const steps: Step[] = [
    ...(is_active ? [] : [{ step: 'activate_group' as const, group_id: id }]),
    ...(has_user ? [] : [{ step: 'add_to_group' as const, group_id: id }]),
  ]
  return is_fixed && steps.length ? undefined : steps
}

/** The grant, where it is needed; undefined where it is not possible. */
function toList(source: Source, grant: Grant): Step[] | undefined {
  if (source.permissions.has(grant.permission)) return []
  return source.is_fixed ? undefined : [grant]
}

type Grant = Extract<Step, { step: 'grant_to_role' | 'grant_to_group' }>

/** How many permissions the user has after the steps that they had not before. */
function surplus(world: World, steps: Step[]): number {
  const [before, now] = [granted(world), granted(after(world, steps))]
  return [...world.permissions.keys()].filter((name) => allows(now, name) && !allows(before, name)).length
}

/** Sources that hold little come first. */
function sorted(world: World): World {
  const least = (a: Source, b: Source) => a.permissions.size - b.permissions.size || a.id - b.id
  return { ...world, roles: world.roles.toSorted(least), groups: world.groups.toSorted(least) }
}
