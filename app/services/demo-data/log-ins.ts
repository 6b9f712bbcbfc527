import type { DemoFile } from './parse.ts'
import { companyKey, userKey } from './keys.ts'

/** Who can log in, for people who try the system out. */
export interface LogIn {
  email: string
  username: string
  password: string
  /** Code of the company that the log-in starts in, if it has one. */
  company: string | null
  /** What the user is, such as `superuser` or `Employee in ACME`. */
  what: string
}

/** The log-ins of a file: each user whose password it names in plain text. */
export function logInsOf({ items }: DemoFile): LogIn[] {
  const memberships = Map.groupBy(items.user_company_roles, ({ item }) => userKey(item.user_email))
  return items.users.flatMap(({ item: { email, username, password, is_superuser, current_company_code } }) => {
    if (!password) return []
    const own = (memberships.get(userKey(email)) ?? []).map(({ item }) => item)
    const home = own.find((membership) => membership.is_default) ?? own[0]
    const company = current_company_code ?? home?.company_code ?? null
    const there = own.filter((membership) => companyKey(membership.company_code) === companyKey(company ?? ''))
    const roles = there.map((membership) => membership.role_name)
    const elsewhere = new Set(own.map((membership) => membership.company_code))
    if (company) elsewhere.delete(company)
    const here = is_superuser ? 'superuser' : roles.join(', ')
    const what = elsewhere.size > 0 ? `${here}; also in ${[...elsewhere].join(', ')}` : here
    return [{ email, username, password, company, what }]
  })
}
