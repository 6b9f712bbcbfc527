import { type AttackCase, SECRET } from '../attack.ts'
import { type Victim, forbidden, item, open, own } from './case.ts'

export const authCases = ({
  company_id,
  session_id,
  api_key_id,
  email,
  username,
}: Victim): Record<string, AttackCase> => ({
  'post /api/v1/auth/login': open([401], { username: SECRET.toLowerCase(), password: 'wrong password' }),
  'post /api/v1/auth/refresh': open([401], { refresh_token: 'none' }),
  'post /api/v1/auth/switch-company': { allowed: [403], body: { company_id } },
  'post /api/v1/auth/change-password': own([400], { current_password: 'wrong password', new_password: 'a new secret' }),
  'post /api/v1/auth/forgot-password': open([202], { email }),
  'post /api/v1/auth/reset-password': open([400], { token: 'none', new_password: 'a new secret' }),
  'post /api/v1/auth/verify-email': open([400], { token: 'none' }),
  'post /api/v1/auth/verify-email/send': own([202]),
  'post /api/v1/auth/register': open([404], { email, username, password: 'a new secret' }),
  'get /api/v1/auth/me': own([200]),
  'get /api/v1/auth/permissions': own([200]),
  'get /api/v1/auth/sessions': own([200]),
  'delete /api/v1/auth/sessions/{id}': item(session_id),
  'get /api/v1/auth/api-keys': own([200]),
  'post /api/v1/auth/api-keys': forbidden({ name: 'x', permissions: ['product.read'], company_id }),
  'delete /api/v1/auth/api-keys/{id}': item(api_key_id),
})

/** These end the attacker's own session, so they come last. */
export const leavingCases: Record<string, AttackCase> = {
  'post /api/v1/auth/logout-all': own([204]),
  'post /api/v1/auth/logout': own([401]),
}
