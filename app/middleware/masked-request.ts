import type { FastifyRequest } from 'fastify'
import { readJson } from '../core/read-json.ts'
import { clip, maskSecrets } from '../core/secret-names.ts'

type Json = Record<string, unknown>

/** The address without its query string, for a log. */
export const pathOf = ({ url }: FastifyRequest): string => clip(url.split('?', 1)[0] ?? '', 2000)

/** What the query string says, for a log; a name that comes several times, with all its values. */
export function maskedQuery(url: string): Json {
  const query: Record<string, string | string[]> = Object.create(null) as Json & Record<string, string | string[]>
  for (const [name, value] of new URLSearchParams(url.slice(url.indexOf('?')))) {
    const before = query[name]
    query[name] = before === undefined ? value : [before, value].flat()
  }
  return maskSecrets(query)
}

/** The headers, for a log. */
export const maskedHeaders = ({ headers }: FastifyRequest): Json => maskSecrets({ ...headers })

/** A body, for a log: of JSON that was parsed or is text still. */
export function maskedBody(body: unknown): unknown {
  if (body === undefined || body === null || body === '') return undefined
  return maskSecrets({ body: typeof body === 'string' ? parsed(body) : body })['body']
}

function parsed(text: string): unknown {
  const json = readJson(text)
  return json === undefined ? `${text.length} characters` : json
}
