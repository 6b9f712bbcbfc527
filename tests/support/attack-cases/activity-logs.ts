import type { AttackCase } from '../attack.ts'
import { type Victim, item, own } from './case.ts'

export const activityLogCases = ({
  company_id,
  user_id,
  records,
  activity_log_id,
}: Victim): Record<string, AttackCase> => ({
  'get /api/v1/activity-logs': own([200]),
  'get /api/v1/activity-logs?q=SECRET': own([200]),
  'get /api/v1/activity-logs?sort=-risk_score&suspicious=true': own([200]),
  'get /api/v1/activity-logs?description__contains=SECRET': own([422]),
  [`get /api/v1/activity-logs?user_id=${user_id}&entity_id=${user_id}`]: own([200]),
  [`get /api/v1/activity-logs?company_id=${company_id}`]: own([403]),
  'get /api/v1/activity-logs?company_id=all': own([403]),
  'get /api/v1/activity-logs/{id}': item(activity_log_id),
  'get /api/v1/activity-logs/entity/{type}/{id}': {
    allowed: [200],
    params: { type: 'products', id: records['products']?.id ?? 0 },
  },
  'get /api/v1/activity-logs/user/{id}': { allowed: [200], params: { id: user_id } },
  [`get /api/v1/activity-logs/user/${user_id}?company_id=${company_id}`]: own([403]),
})
