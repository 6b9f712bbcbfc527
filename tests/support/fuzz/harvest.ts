import type { Call, Reply } from './call.ts'
import type { Json } from './document.ts'
import { PERSONAL, isReference, kindInReply, kindOfField } from './kinds.ts'
import { OWN_SIDES, type Side } from './pool.ts'

/** What a reply taught: `learn` is told of each value and where in the reply it was. */
export type Learn = (side: Side, kind: string, value: Json, slot: string) => void

/** Looks through a reply for what later calls can use. `companies` are the ids of the watched and the other one. */
export function harvest(call: Call, reply: Reply, companies: { watched: number; other: number }, learn: Learn): void {
  const { path } = call.operation
  const kind = kindInReply(path)
  const look = (value: Json, slot: string, side: Side, of: string): void => {
    if (Array.isArray(value))
      return value.slice(0, 12).forEach((inner, index) => look(inner, `${slot}.${index}`, side, of))
    if (typeof value !== 'object' || value === null) return
    const { company_id } = value
    const own = company_id === companies.watched ? 'watched' : company_id === companies.other ? 'other' : side
    for (const [key, inner] of Object.entries(value)) {
      const at = `${slot}.${key}`
      if (key === 'id') {
        learn(own, of, inner, at)
        if (PERSONAL.has(of)) learn('none', `${of} ${call.caller}`, inner, at)
      }
      if (key === 'next_cursor' && inner !== null) learn('none', `cursor ${path} ${call.caller}`, inner, at)
      else if (key === 'refresh_token') learn('none', `refresh_token ${call.caller}`, inner, at)
      else if (key === 'version') learn('none', `version ${of} ${idOf(value)}`, inner, at)
      else if (isReference(key) && typeof inner === 'number') learn(own, kindOfField(key), inner, at)
      else look(inner, at, own, NESTED[key] ?? of)
    }
  }
  if (reply.json !== undefined && reply.status < 300) look(reply.json, '', OWN_SIDES[call.caller], kind)
}

const idOf = ({ id }: { [key: string]: Json }): string => (typeof id === 'number' ? String(id) : '')

/** Whose ids are in a part of a reply that is not about its own kind. */
const NESTED: Record<string, string> = {
  members: 'users',
  author: 'users',
  mentions: 'users',
  user: 'users',
  companies: 'companies',
  via: 'roles',
  metadata: 'none',
  data: 'none',
}
