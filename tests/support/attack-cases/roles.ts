import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item, own } from './case.ts'

export const roleCases = ({ company_id, role_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/roles': own([200]),
  'get /api/v1/roles?q=SECRET': own([200]),
  'get /api/v1/roles?page_size=200&sort=-name&codename__contains=secret': own([200]),
  [`get /api/v1/roles?company_id=${company_id}`]: own([403]),
  'get /api/v1/roles?company_id=all': own([403]),
  'post /api/v1/roles': forbidden({ name: 'x', company_id }),
  'post /api/v1/roles?of=all': forbidden({ name: 'x', company_id: null }),
  'get /api/v1/roles/{id}': item(role_id),
  'put /api/v1/roles/{id}': item(role_id, { name: 'taken' }),
  'patch /api/v1/roles/{id}': item(role_id, { permissions: ['product.read'] }),
  'put /api/v1/roles/{id}/permissions': item(role_id, { permissions: [] }),
  'delete /api/v1/roles/{id}': item(role_id),
})
