import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item, own } from './case.ts'

export const groupCases = ({ company_id, group_id, user_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/groups': own([200]),
  'get /api/v1/groups?q=SECRET': own([200]),
  [`get /api/v1/groups?company_id=${company_id}`]: own([403]),
  'get /api/v1/groups?company_id=all': own([403]),
  'post /api/v1/groups': forbidden({ name: 'x', company_id }),
  'post /api/v1/groups?with=victim': own([422], { name: 'x', user_ids: [user_id] }),
  'get /api/v1/groups/{id}': item(group_id),
  'put /api/v1/groups/{id}': item(group_id, { name: 'taken' }),
  'patch /api/v1/groups/{id}': item(group_id, { is_active: false }),
  'put /api/v1/groups/{id}/users': item(group_id, { user_ids: [user_id] }),
  'put /api/v1/groups/{id}/permissions': item(group_id, { permissions: [] }),
  'delete /api/v1/groups/{id}': item(group_id),
})
