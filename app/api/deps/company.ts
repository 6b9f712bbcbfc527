import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'

/**
 * The company a request works in: the one its path, body or query names, else its `X-Company-ID`, else its token's. All but
 * the last must be the caller's own; one that does not exist gets the same answer as one of others. `?company_id=all` is for
 * superusers.
 * @throws AppError `company_forbidden`
 */
export async function chooseCompany(request: FastifyRequest): Promise<number | 'all' | null> {
  const { principal, headers, home_company_id } = request
  if (fieldIn(request.query) === 'all') {
    if (!principal.is_superuser) throw new AppError('company_forbidden')
    return 'all'
  }
  const { params, body, query } = request
  const named = companyIn(params) ?? companyIn(body) ?? companyIn(query) ?? headers['x-company-id']
  if (named === undefined) return home_company_id
  const company_id = Number(named)
  if (!Number.isSafeInteger(company_id)) throw new AppError('company_forbidden')
  const permitted =
    principal.memberships.has(company_id) ||
    (principal.is_superuser && (await request.server.principals.isActiveCompany(company_id)))
  if (!permitted) throw new AppError('company_forbidden')
  return company_id
}

const fieldIn = (part: unknown): unknown =>
  typeof part === 'object' && part !== null && 'company_id' in part ? part.company_id : undefined

/** What is no number is left for validation to name; by itself `Number` makes one of '', null and []. */
function companyIn(part: unknown): number | undefined {
  const given = fieldIn(part)
  const value = typeof given === 'number' || (typeof given === 'string' && given.trim()) ? Number(given) : Number.NaN
  return Number.isNaN(value) ? undefined : value
}
