import type { AttackCase } from '../attack.ts'
import { type Victim, own } from './case.ts'

/** Streams that are let in do not end by themselves: here they are asked for what is no id, where the company is not refused. */
export const liveCases = ({ company_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/ws': own([401]), // the token stands elsewhere
  [`get /api/v1/ws?company_id=${company_id}`]: own([401]),
  [`get /api/v1/events?company_id=${company_id}&since=never`]: own([403]),
})
