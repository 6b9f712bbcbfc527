import type { FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'

/**
 * The company a request works in: the one its path, body or query names, else its `X-Company-ID`, else its token's. All but
 * the last must be the caller's own; one that does not exist gets the same answer as one of others. `?company_id=all` is for
 * superusers.
 * @throws AppError `company_forbidden`, `validation_error` for a header that is no id
 */
export async function chooseCompany(request: FastifyRequest): Promise<number | 'all' | null> {
  const { principal, headers, home_company_id } = request
  if (fieldIn(request.query) === 'all') {
    if (!principal.is_superuser) throw new AppError('company_forbidden')
    return 'all'
  }
  const { params, body, query } = request
  const company_id =
    companyIn(params) ?? companyIn(body) ?? companyIn(query) ?? companyInHeader(headers['x-company-id'])
  if (company_id === undefined) return home_company_id
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

/** No schema is asked about this header, which goes with every route. */
function companyInHeader(given: string | string[] | undefined): number | undefined {
  if (given === undefined) return undefined
  const company_id = given === '' ? Number.NaN : Number(given)
  if (Number.isSafeInteger(company_id)) return company_id
  const msg = 'expected an id, not a code'
  throw new AppError('validation_error', [{ loc: ['header', 'x-company-id'], msg, type: 'invalid_id' }])
}
