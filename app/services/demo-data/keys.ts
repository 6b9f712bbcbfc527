/** Natural keys as map keys. Codes, e-mails and usernames compare without case, as their unique indexes do. */
export const companyKey = (code: string): string => code.toLowerCase()
export const userKey = (email: string): string => email.toLowerCase()
/** Of a role or group. A role without a company is everybody's. */
export const namedKey = (company_code: string | null | undefined, name: string): string =>
  `${companyKey(company_code ?? '')}\n${name}`
