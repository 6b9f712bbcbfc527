import { PERMISSIONS } from '../../app/core/permissions.ts'
import { type Explanation, ExplainService } from '../../app/services/explain/index.ts'
import type { Step } from '../../app/services/explain/steps.ts'
import { PermissionService } from '../../app/services/permission.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { NAMES, type RandomWorld, type RoleOrGroup, loadRandomWorlds } from '../support/random-worlds.ts'

/** How a decision is made, as simply as it can be said. */
function may(world: RandomWorld, permission: string): boolean {
  if (!world.user.is_active) return false
  if (world.user.is_superuser) return true
  if (!world.company.is_active) return false
  const mine = world.memberships.filter((membership) => membership.is_active).map(({ role_id }) => role_id)
  const roles = world.roles.filter((role) => role.is_active && mine.includes(role.id))
  if (roles.length === 0) return false
  const groups = world.groups.filter((group) => group.is_active && group.has_user)
  const listed = [...roles, ...groups].flatMap((one) => one.permissions)
  const implied = [permission, `${permission.split('.')[0]}.manage`]
  return implied.some((name) => listed.includes(name) && !world.inactive.includes(name))
}

/** The rows after steps. */
function doSteps(world: RandomWorld, steps: Step[]): RandomWorld {
  const done = copyOf(world)
  const on = (rows: { id: number; is_active: boolean }[], id: number) =>
    (rows.find((row) => row.id === id)!.is_active = true)
  const grant = (rows: RoleOrGroup[], id: number, name: string) =>
    rows.find((row) => row.id === id)!.permissions.push(name)
  for (const step of steps)
    if (step.step === 'activate_user') done.user.is_active = true
    else if (step.step === 'activate_company') done.company.is_active = true
    else if (step.step === 'activate_permission')
      done.inactive = done.inactive.filter((name) => name !== step.permission)
    else if (step.step === 'activate_membership') on(done.memberships, step.user_company_role_id)
    else if (step.step === 'activate_role') on(done.roles, step.role_id)
    else if (step.step === 'activate_group') on(done.groups, step.group_id)
    else if (step.step === 'assign_role') done.memberships.push({ id: 0, role_id: step.role_id, is_active: true })
    else if (step.step === 'add_to_group') done.groups.find(({ id }) => id === step.group_id)!.has_user = true
    else if (step.step === 'grant_to_role') grant(done.roles, step.role_id, step.permission)
    else if (step.step === 'grant_to_group') grant(done.groups, step.group_id, step.permission)
  return done
}

/** `structuredClone`, ten times as fast: the brute force does it a million times. */
const copyOf = (world: RandomWorld): RandomWorld => ({
  ...world,
  user: { ...world.user },
  company: { ...world.company },
  roles: world.roles.map((role) => ({ ...role, permissions: [...role.permissions] })),
  groups: world.groups.map((group) => ({ ...group, permissions: [...group.permissions] })),
  memberships: world.memberships.map((membership) => ({ ...membership })),
})

/** Every single thing that can be done in a world: system roles and groups stay as they are, members included. */
function singleSteps({ user, company, roles, groups, memberships }: RandomWorld): Step[] {
  const ownRoles = roles.filter((role) => !role.is_fixed)
  const ownGroups = groups.filter((group) => !group.is_fixed)
  return [
    { step: 'activate_user', user_id: user.id },
    { step: 'activate_company', company_id: company.id },
    ...NAMES.map((permission) => ({ step: 'activate_permission' as const, permission })),
    ...memberships
      .filter(({ id }) => id)
      .map(({ id }) => ({ step: 'activate_membership' as const, user_company_role_id: id })),
    ...roles.map(({ id }) => ({ step: 'assign_role' as const, role_id: id })),
    ...ownRoles.map(({ id }) => ({ step: 'activate_role' as const, role_id: id })),
    ...ownGroups.flatMap(({ id }) =>
      (['activate_group', 'add_to_group'] as const).map((step) => ({ step, group_id: id })),
    ),
    ...NAMES.flatMap((permission) => [
      ...ownRoles.map(({ id }) => ({ step: 'grant_to_role' as const, role_id: id, permission })),
      ...ownGroups.map(({ id }) => ({ step: 'grant_to_group' as const, group_id: id, permission })),
    ]),
  ]
}

/** Lists of exactly so many steps after which the user may; the asked permission and its `manage` are all that matter. */
function waysOf(world: RandomWorld, length: number): Step[][] {
  const matters = [world.asked, `${world.asked.split('.')[0]}.manage`]
  const steps = singleSteps(world).filter((step) => !('permission' in step) || matters.includes(step.permission))
  const lists = (count: number, from: number): Step[][] =>
    count === 0
      ? [[]]
      : steps.slice(from).flatMap((step, n) => lists(count - 1, from + n + 1).map((rest) => [step, ...rest]))
  return lists(length, 0).filter((list) => may(doSteps(world, list), world.asked))
}

const surplusOf = (world: RandomWorld, steps: Step[]): number => {
  const done = doSteps(world, steps)
  return PERMISSIONS.filter(({ name }) => may(done, name) && !may(world, name)).length
}

describe('1,000 random worlds', () => {
  test(
    'are judged alike by the engine, by explain and by a naive model; the smallest grant works, and nothing smaller does',
    { timeout: 240_000 },
    async ({ trusted }) => {
      const seed = Date.now()
      const lengths: Record<string, number> = {}
      await trusted(async (ctx) => {
        const worlds = await loadRandomWorlds(ctx.db, 1000, seed)
        const permissions = new PermissionService(ctx)
        for (const world of worlds) {
          const { user, company, asked } = world
          const expected = may(world, asked)
          const told = `seed ${seed}: ${JSON.stringify(world)}`
          const isSuperuser = user.is_superuser && user.is_active
          expect(await permissions.hasPermission(user.id, asked, company.id, { isSuperuser }), told).toBe(expected)
          const explain = new ExplainService({ ...ctx, company_id: company.id, everywhere: true })
          const explanation = await explain.explain({ user_id: user.id, permission: asked })
          expect(explanation.allowed, told).toBe(expected)
          checkParts(world, explanation, told)
          const kind = expected ? 'allowed' : String(explanation.smallest_grant?.length)
          lengths[kind] = (lengths[kind] ?? 0) + 1
        }
      })
      // The worlds are of many kinds, or this test says little.
      for (const kind of ['allowed', '1', '2', '3']) expect(lengths[kind], JSON.stringify(lengths)).toBeGreaterThan(20)
    },
  )
})

function checkParts(
  world: RandomWorld,
  { allowed, via, reasons, smallest_grant: grant }: Explanation,
  told: string,
): void {
  expect([via.length > 0, reasons.length > 0], told).toEqual([allowed, !allowed])
  if (allowed) return expect(grant, told).toBeNull()
  // The model's worlds always have a role that can be given and changed.
  expect(grant, told).not.toBeNull()
  const steps = grant ?? []
  expect(may(doSteps(world, steps), world.asked), told).toBe(true)
  for (let length = 1; length < Math.min(steps.length, 3); length++) expect(waysOf(world, length), told).toEqual([])
  if (steps.length > 2) return
  const least = Math.min(...waysOf(world, steps.length).map((way) => surplusOf(world, way)))
  expect(surplusOf(world, steps), told).toBe(least)
}
