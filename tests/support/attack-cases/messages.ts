import type { AttackCase } from '../attack.ts'
import { type Victim, forbidden, item } from './case.ts'

const THUMB = encodeURIComponent('👍')

export function messageCases({ company_id, message_id, records, user_id }: Victim): Record<string, AttackCase> {
  const record_id = records['products']!.id
  const on = { model_name: 'products', record_id }
  const of = `model_name=products&record_id=${record_id}`
  const hidden: AttackCase = { allowed: [404] }
  return {
    [`get /api/v1/messages?${of}`]: hidden,
    [`get /api/v1/messages?${of}&q=SECRET&include_internal=true`]: hidden,
    [`get /api/v1/messages?${of}&sort=-created_at&body__contains=SECRET`]: hidden,
    [`get /api/v1/messages?${of}&company_id=${company_id}`]: { allowed: [403] },
    [`get /api/v1/messages?${of}&company_id=all`]: { allowed: [403] },
    [`get /api/v1/messages/pinned?${of}`]: hidden,
    'get /api/v1/messages/{id}': item(message_id),
    'get /api/v1/messages/{id}/replies': item(message_id),
    [`get /api/v1/messages/followers?${of}`]: hidden,
    'post /api/v1/messages': { allowed: [404], body: { ...on, body: 'taken @victim' } },
    'post /api/v1/messages?with=parent': { allowed: [404], body: { ...on, body: 'taken', parent_id: message_id } },
    'post /api/v1/messages?in=company': forbidden({ ...on, body: 'taken', company_id }),
    'patch /api/v1/messages/{id}': item(message_id, { body: 'taken' }),
    'put /api/v1/messages/{id}/pin': item(message_id),
    'put /api/v1/messages/{id}/reactions/{emoji}': { allowed: [404], params: { id: message_id, emoji: THUMB } },
    'post /api/v1/messages/{id}/read': item(message_id),
    [`put /api/v1/messages/followers?${of}`]: hidden,
    [`put /api/v1/messages/followers?record_id=${record_id}&model_name=products`]: {
      allowed: [404],
      body: { user_ids: [user_id] },
    },
    [`delete /api/v1/messages/followers?${of}`]: hidden,
    'delete /api/v1/messages/{id}/reactions/{emoji}': { allowed: [404], params: { id: message_id, emoji: THUMB } },
    'delete /api/v1/messages/{id}/pin': item(message_id),
    'delete /api/v1/messages/{id}': item(message_id),
  }
}
