import type { AttackCase } from '../attack.ts'
import { activityLogCases } from './activity-logs.ts'
import { authCases, leavingCases } from './auth.ts'
import { type Victim, open } from './case.ts'
import { companyCases } from './companies.ts'
import { oauthCases } from './oauth.ts'
import { featureCases } from './features.ts'
import { inboxCases } from './inbox.ts'
import { userCases } from './users.ts'
import { liveCases } from './live.ts'
import { groupCases } from './groups.ts'
import { messageCases } from './messages.ts'
import { permissionCases } from './permissions.ts'
import { roleCases } from './roles.ts'
import { secondFactorCases } from './second-factor.ts'

export type { Victim } from './case.ts'

/** Every route of the API, called with what is the victim's. A new route needs its line: the test names it. */
export const attackCases = (victim: Victim): Record<string, AttackCase> => ({
  'get /': open([200]),
  'get /health': open([200]),
  'get /health/ready': open([200]),
  'get /metrics': open([404]), // for operators alone
  ...authCases(victim),
  ...userCases(victim),
  ...companyCases(victim),
  ...roleCases(victim),
  ...groupCases(victim),
  ...permissionCases(victim),
  ...secondFactorCases(victim),
  ...oauthCases(victim),
  ...messageCases(victim),
  ...activityLogCases(victim),
  ...liveCases(victim),
  ...inboxCases(victim),
  ...featureCases(victim),
  ...leavingCases,
})
