import type { Found } from '../found.ts'
import { companyKey, namedKey, roleKeys, userKey } from '../keys.ts'
import type { DemoFile } from '../parse.ts'

type Kind = 'company' | 'permission' | 'role' | 'user'
const SECTION_OF = { company: 'companies', permission: 'permissions', role: 'roles', user: 'users' } as const

/** References to something that is neither in the file nor in the database. */
export function referenceFaults({ items, broken }: DemoFile, found: Found): string[] {
  const faults: string[] = []
  const known = {
    company: new Set([...found.companies.keys(), ...items.companies.map(({ item }) => companyKey(item.code))]),
    permission: new Set([...found.permissions.keys(), ...items.permissions.map(({ item }) => item.name)]),
    role: new Set([...found.roles.keys(), ...items.roles.map(({ item }) => namedKey(item.company_code, item.name))]),
    user: new Set([...found.users.keys(), ...items.users.map(({ item }) => userKey(item.email))]),
  }

  function refer(path: string, kind: Kind, name: string, keys: string[]): void {
    if (keys.some((key) => known[kind].has(key)) || broken.has(`${SECTION_OF[kind]}/${name.toLowerCase()}`)) return
    faults.push(`${path}: no ${kind} ${JSON.stringify(name)}`)
  }
  const company = (path: string, code: string | null | undefined) => {
    if (code) refer(path, 'company', code, [companyKey(code)])
  }
  const user = (path: string, email: string) => refer(path, 'user', email, [userKey(email)])
  const permissions = (path: string, names: string[] = []) => {
    for (const [index, name] of names.entries()) refer(`${path}.permissions[${index}]`, 'permission', name, [name])
  }

  for (const { path, item } of items.companies) company(`${path}.parent_company_code`, item.parent_company_code)
  for (const { path, item } of items.roles) {
    company(`${path}.company_code`, item.company_code)
    permissions(path, item.permissions)
  }
  for (const { path, item } of items.users) company(`${path}.current_company_code`, item.current_company_code)
  for (const { path, item } of items.groups) {
    company(`${path}.company_code`, item.company_code)
    for (const [index, email] of (item.users ?? []).entries()) user(`${path}.users[${index}]`, email)
    permissions(path, item.permissions)
  }
  for (const { path, item } of items.user_company_roles) {
    user(`${path}.user_email`, item.user_email)
    company(`${path}.company_code`, item.company_code)
    refer(`${path}.role_name`, 'role', item.role_name, roleKeys(item))
  }
  for (const { path, item } of items.products) company(`${path}.company_code`, item.company_code)
  return faults
}
