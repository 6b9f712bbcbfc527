import type { AttackCase } from '../attack.ts'
import { type Victim, dangling, forbidden, item, own } from './case.ts'

const quiet = { dnd_enabled: true, time_zone: 'Europe/Berlin', channels: { activity: { in_app: false, email: false } } }

/** The caller has items in the victim's company as well, from when they were a member: no request shows or changes those. */
export const inboxCases = ({
  company_id,
  user_id,
  inbox_item_id,
  notification_id,
}: Victim): Record<string, AttackCase> => ({
  'get /api/v1/inbox': own([200]),
  'get /api/v1/inbox?q=SECRET': own([200]),
  'get /api/v1/inbox?sort=-title&title__contains=SECRET': own([200]),
  'get /api/v1/inbox?is_archived__isnull=false': own([200]),
  [`get /api/v1/inbox?company_id=${company_id}`]: own([403]),
  'get /api/v1/inbox?company_id=all': own([403]),
  'get /api/v1/inbox/stats': own([200]),
  'get /api/v1/inbox/{id}': item(inbox_item_id),
  'patch /api/v1/inbox/{id}': item(inbox_item_id, { is_read: true }),
  'delete /api/v1/inbox/{id}': item(inbox_item_id),
  'post /api/v1/inbox/bulk': own([200], { action: 'delete', ids: [inbox_item_id] }),
  'post /api/v1/inbox/bulk?all': own([422], { action: 'delete' }),
  'post /api/v1/inbox/bulk?by=filter': own([200], { action: 'delete', filter: { is_read: false } }),
  'get /api/v1/notifications': own([200]),
  'get /api/v1/notifications?q=SECRET': own([200]),
  [`get /api/v1/notifications?company_id=${company_id}`]: own([403]),
  'get /api/v1/notifications?company_id=all': own([403]),
  'get /api/v1/notifications/stats': own([200]),
  'get /api/v1/notifications/{id}': item(notification_id),
  'patch /api/v1/notifications/{id}': item(notification_id, { is_read: true }),
  'post /api/v1/notifications/{id}/read': item(notification_id),
  'delete /api/v1/notifications/{id}': item(notification_id),
  'post /api/v1/notifications/bulk-read': own([200], { ids: [notification_id] }),
  'post /api/v1/notifications/bulk-read?all': own([200], { all: true }),
  'post /api/v1/notifications': dangling({ user_ids: [user_id], title: 'x' }),
  'post /api/v1/notifications?there': forbidden({ user_ids: [user_id], title: 'x', company_id }),
  'get /api/v1/notifications/preferences': own([200]),
  'put /api/v1/notifications/preferences': own([200], quiet),
  'patch /api/v1/notifications/preferences': own([200], { digest: 'daily' }),
})
