import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item, own } from './case.ts'

export const companyCases = ({ company_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/companies': own([200]),
  'get /api/v1/companies?q=Test': own([200]),
  [`get /api/v1/companies?company_id=${company_id}`]: own([403]),
  'get /api/v1/companies?company_id=all': own([403]),
  'post /api/v1/companies': forbidden({ code: 'NEW', name: 'New', parent_company_id: company_id }),
  'get /api/v1/companies/mine': own([200]),
  'get /api/v1/companies/{id}': item(company_id),
  'get /api/v1/companies/{id}/users': item(company_id),
  'put /api/v1/companies/{id}': item(company_id, { name: 'taken' }),
  'patch /api/v1/companies/{id}': item(company_id, { is_active: false }),
  'delete /api/v1/companies/{id}': item(company_id),
})
