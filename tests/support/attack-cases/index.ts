import type { AttackCase } from '../attack.ts'
import { authCases, leavingCases } from './auth.ts'
import { type Victim, open } from './case.ts'
import { oauthCases } from './oauth.ts'
import { productCases } from './products.ts'

export type { Victim } from './case.ts'

/** Every route of the API, called with what is the victim's. A new route needs its line: the test names it. */
export const attackCases = (victim: Victim): Record<string, AttackCase> => ({
  'get /': open([200]),
  'get /health': open([200]),
  'get /health/ready': open([200]),
  ...authCases(victim),
  ...oauthCases(victim),
  ...productCases(victim),
  ...leavingCases,
})
