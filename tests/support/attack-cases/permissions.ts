import type { AttackCase } from '../attack.ts'
import { type Victim, own } from './case.ts'

export const permissionCases = ({ company_id, user_id, permission_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/permissions': own([200]),
  'get /api/v1/permissions/grouped': own([200]),
  'get /api/v1/permissions/{id}': { allowed: [200], params: { id: permission_id } },
  'get /api/v1/permissions/explain': own([422]),
  'get /api/v1/permissions/explain?permission=product.read': own([200]),
  [`get /api/v1/permissions/explain?permission=product.read&user_id=${user_id}`]: own([404]),
  [`get /api/v1/permissions/explain?permission=product.read&company_id=${company_id}`]: own([403]),
})
