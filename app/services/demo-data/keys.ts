import type { Item } from '../../schemas/demo-data.ts'

/** Natural keys as map keys. Codes, e-mails and usernames compare without case, as their unique indexes do. */
export const companyKey = (code: string): string => code.toLowerCase()
export const userKey = (email: string): string => email.toLowerCase()
/** Of a role or group. A role without a company is everybody's. */
export const namedKey = (company_code: string | null | undefined, name: string): string =>
  `${companyKey(company_code ?? '')}\n${name}`

/** Where to look for a membership's role, in turn: among the company's own, then among everybody's. */
export const roleKeys = ({ company_code, role_name, role_company_code }: Item<'user_company_roles'>): string[] => [
  ...(role_company_code === null ? [] : [namedKey(company_code, role_name)]),
  namedKey(null, role_name),
]
