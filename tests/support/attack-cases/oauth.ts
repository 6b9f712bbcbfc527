import type { AttackCase } from '../attack.ts'
import { type Victim, item, open, own } from './case.ts'

const params = { provider: 'none' }

export const oauthCases = ({ oauth_account_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/auth/oauth/providers': open([200]),
  'get /api/v1/auth/oauth/{provider}/authorize': { ...open([404]), params },
  'get /api/v1/auth/oauth/{provider}/callback': { ...open([404]), params },
  'post /api/v1/auth/oauth/exchange': open([401], { code: 'none' }),
  'get /api/v1/auth/oauth-accounts': own([200]),
  'delete /api/v1/auth/oauth-accounts/{id}': item(oauth_account_id),
})
