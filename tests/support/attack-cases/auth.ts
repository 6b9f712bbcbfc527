import { type AttackCase, SECRET } from '../attack.ts'
import { type Victim, item, open, own } from './case.ts'

export const authCases = ({ company_id, session_id }: Victim): Record<string, AttackCase> => ({
  'post /api/v1/auth/login': open([401], { username: SECRET.toLowerCase(), password: 'wrong password' }),
  'post /api/v1/auth/refresh': open([401], { refresh_token: 'none' }),
  'post /api/v1/auth/switch-company': { allowed: [403], body: { company_id } },
  'get /api/v1/auth/me': own([200]),
  'get /api/v1/auth/permissions': own([200]),
  'get /api/v1/auth/sessions': own([200]),
  'delete /api/v1/auth/sessions/{id}': item(session_id),
})

/** These end the attacker's own session, so they come last. */
export const leavingCases: Record<string, AttackCase> = {
  'post /api/v1/auth/logout-all': own([204]),
  // 404: this process has not heard yet (it may take 100 ms), and finds no session to end.
  'post /api/v1/auth/logout': own([401, 404]),
}
