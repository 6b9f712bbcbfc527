import { passwordFaults } from '../../../core/passwords.ts'
import type { Item } from '../../../schemas/demo-data.ts'
import type { Found } from '../found.ts'
import { companyKey, namedKey, userKey } from '../keys.ts'
import { changedFields } from '../merge.ts'
import type { DemoFile } from '../parse.ts'

/** No company is its own ancestor, by the file and the database together. */
export function ancestorFaults({ items }: DemoFile, found: Found, update: boolean): string[] {
  const codes = new Map([...found.companies].map(([key, row]) => [row.id, key]))
  const parents = new Map([...found.companies].map(([key, row]) => [key, codes.get(row.parent_company_id ?? 0)]))
  const written = items.companies.filter(({ item }) => update || !found.companies.has(companyKey(item.code)))
  for (const { item } of written)
    if (item.parent_company_code !== undefined)
      parents.set(companyKey(item.code), item.parent_company_code ? companyKey(item.parent_company_code) : undefined)
  return written
    .filter(({ item }) => isOwnAncestor(companyKey(item.code), parents))
    .map(({ path, item }) => `${path}.parent_company_code: makes ${JSON.stringify(item.code)} its own ancestor`)
}

function isOwnAncestor(company: string, parents: ReadonlyMap<string, string | undefined>): boolean {
  const passed = new Set<string>()
  for (let above = parents.get(company); above !== undefined && !passed.has(above); above = parents.get(above)) {
    if (above === company) return true
    passed.add(above)
  }
  return false
}

/** System roles follow the code: a file may name one, but not make one. */
export function systemRoleFaults({ items }: DemoFile, found: Found): string[] {
  return items.roles
    .filter(({ item }) => item.is_system_role && !roleOf(item, found)?.is_system_role)
    .map(({ path, item }) => `${path}.is_system_role: there is no system role ${JSON.stringify(item.name)}`)
}

/** What an update leaves as it is: the guide's own file has an "Admin" with other permissions than the code's. */
export function keptSystemRoles({ items }: DemoFile, found: Found): string[] {
  return items.roles.flatMap(({ path, item }) => {
    const row = roleOf(item, found)
    const fields = row?.is_system_role ? differingFields(item, row, found.granted.get(row.id)) : []
    const why = `${JSON.stringify(item.name)} is a system role, which a file cannot change`
    return fields.map((field) => `${path}.${field}: ${why}`)
  })
}

const roleOf = (item: Item<'roles'>, found: Found) => found.roles.get(namedKey(item.company_code, item.name))

function differingFields(item: Item<'roles'>, row: object, granted: ReadonlySet<string> = new Set()): string[] {
  const { permissions, company_code: _, ...values } = item
  const differs = permissions && new Set(permissions).symmetricDifference(granted).size > 0
  return [...Object.keys(changedFields(row, values) ?? {}), ...(differs ? ['permissions'] : [])]
}

/** New users whom nobody could log in as. */
export function missingPasswordFaults({ items }: DemoFile, found: Found): string[] {
  return items.users
    .filter(({ item }) => !item.password && item.password_hash === undefined && !found.users.has(userKey(item.email)))
    .map(({ path }) => `${path}: a new user needs a password or a password_hash`)
}

/** Passwords of users to be written that are easy to guess. */
export function weakPasswordFaults({ items }: DemoFile, found: Found, update: boolean): string[] {
  return items.users
    .filter(({ item }) => update || !found.users.has(userKey(item.email)))
    .flatMap(({ path, item }) =>
      item.password ? passwordFaults(item.password, item).map((fault) => `${path}.password: ${fault}`) : [],
    )
}
