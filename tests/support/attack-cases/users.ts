import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item, own } from './case.ts'

const user = { email: 'new@example.com', username: 'new', password: 'a long enough password' }

export const userCases = ({ company_id, user_id, role_id, email, username }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/users': own([200]),
  'get /api/v1/users?q=SECRET': own([200]),
  'get /api/v1/users?email__contains=secret&sort=-username': own([200]),
  [`get /api/v1/users?current_company_id=${company_id}`]: own([422]),
  [`get /api/v1/users?company_id=${company_id}`]: own([403]),
  'get /api/v1/users?company_id=all': own([403]),
  'post /api/v1/users': forbidden({ ...user, company_id }),
  'post /api/v1/users?role': own([400], { ...user, role_id }),
  'post /api/v1/users?nowhere': forbidden({ ...user, company_id: null }),
  'post /api/v1/users?names': own([201], { ...user, email, username }),
  'get /api/v1/users/me': own([200]),
  'put /api/v1/users/me': own([200], { bio: 'mine' }),
  'patch /api/v1/users/me': own([200], { bio: 'mine' }),
  'get /api/v1/users/{id}': item(user_id),
  'put /api/v1/users/{id}': item(user_id, { full_name: 'taken' }),
  'patch /api/v1/users/{id}': item(user_id, { email: 'taken@example.com', is_active: false }),
  'delete /api/v1/users/{id}': item(user_id),
  'post /api/v1/users/{id}/restore': item(user_id),
  'post /api/v1/users/{id}/companies': { ...item(user_id, { company_id, role_id }), allowed: [403] },
  'delete /api/v1/users/{id}/companies/{company_id}': { allowed: [403], params: { id: user_id, company_id } },
})
