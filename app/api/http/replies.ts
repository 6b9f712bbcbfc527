import type { FastifyReply } from 'fastify'
import { z } from 'zod'

/** 201 with the new record and where its maker finds it: in another company than the one they are in, only by its name. */
export function created<Record extends object>(
  reply: FastifyReply,
  record: Record & { id?: unknown; company_id?: unknown },
): Record {
  const { url, home_company_id } = reply.request
  const { id, company_id } = record
  const collection = url.split('?', 1)[0]?.replace(/\/$/, '')
  const isElsewhere = typeof company_id === 'number' && company_id !== home_company_id
  reply.code(201).header('location', `${collection}/${String(id)}${isElsewhere ? `?company_id=${company_id}` : ''}`)
  return record
}

/** 204, once the work is done. */
export async function nothing(reply: FastifyReply, work: Promise<unknown>): Promise<null> {
  await work
  reply.code(204)
  return null
}

/** The schema of a 204. */
export const noContent = z.null().meta({ description: 'Done, nothing to say' })

/** A short list, in the shape of every list: all of it is its one page. */
export const wholeList = <Item>(items: Item[]) => ({
  total: items.length,
  items,
  page: 1,
  page_size: Math.max(items.length, 1),
  next_cursor: null,
})
