import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import { ErrorResponse } from '../../schemas/common.ts'
import { operatorsOf } from '../../schemas/filter.ts'
import { takesKey } from '../deps/idempotency.ts'
import type { Components } from './components.ts'
import { errorReplies, errorReply } from './error-replies.ts'
import type { JsonSchema } from './json-schema.ts'

export type RouteSchema = Record<string, unknown> & { response?: Record<string, z.ZodType> }

const PARTS = ['body', 'querystring', 'params', 'headers']
const BODY_TYPES = ['application/json']

/** One route as OpenAPI has it: its own schemas, and what its guard makes of it. */
export function describeRoute(
  schema: RouteSchema,
  url: string,
  route: RouteOptions,
  components: Components,
): JsonSchema {
  const { response = {}, ...rest } = schema
  if (rest['hide']) return rest
  const described: JsonSchema = { ...rest }
  for (const part of PARTS) {
    const given = rest[part]
    if (given instanceof z.ZodType)
      described[part] = part === 'querystring' ? withFilters(given, components) : components.inline(given, 'input')
  }
  const permissions = route.config?.permissions
  if (permissions) {
    described['headers'] = headersOf(route)
    described['security'] = [{ bearer: [] }, { password: [] }]
    if (permissions.length)
      described['description'] = `Needs ${permissions.map((name) => `\`${name}\``).join(' and ')}.`
  } else described['security'] = []
  if (rest['body'])
    described['consumes'] = url.endsWith('/auth/login')
      ? [...BODY_TYPES, 'application/x-www-form-urlencoded']
      : BODY_TYPES
  const own = Object.entries(response).map(([status, reply]) => [status, describeReply(status, reply, components)])
  const succeeds = Object.keys(response).some((status) => status.startsWith('2'))
  described['response'] = {
    ...errorReplies(schema, route, url, components),
    ...Object.fromEntries(own),
    ...(!succeeds && { default: anyError(components) }),
  }
  return described
}

/** Of a route that leads elsewhere (a redirect, an upgrade), so that its document does not look as if it could not succeed. */
const anyError = (components: Components): JsonSchema => ({
  ...errorReply(Number.NaN, components),
  description: 'Anything else is an error',
})

/** What the guard of a route reads besides the token. */
function headersOf({ method, preHandler }: RouteOptions): JsonSchema {
  const methods = [method].flat()
  const company = { type: 'integer', description: 'Another of your companies than the one of your token' }
  const key = {
    type: 'string',
    maxLength: 255,
    description: 'The same key and body within 24 hours get the first reply',
  }
  const version = {
    type: 'string',
    description: 'The version you have seen; another one now is a 409',
    examples: ['"3"'],
  }
  const properties = {
    'X-Company-ID': company,
    ...(takesKey({ preHandler }) && methods.includes('POST') && { 'Idempotency-Key': key }),
    ...(methods.includes('PATCH') && { 'If-Match': version }),
  }
  return { type: 'object', properties }
}

function describeReply(status: string, schema: z.ZodType, components: Components): JsonSchema {
  if (schema === ErrorResponse) return errorReply(Number(status), components)
  const description = schema.meta()?.description ?? 'Done'
  return status === '204' ? { description, type: 'null' } : { description, ...components.inline(schema, 'output') }
}

/** A list's query string with a parameter per field; the variants of each (`__lt` …) are told in its description. */
function withFilters(schema: z.ZodType, components: Components): JsonSchema {
  const { properties, additionalProperties: _, ...json } = components.inline(schema, 'input')
  const filters = (schema.meta()?.['filters'] ?? []) as [string, Parameters<typeof operatorsOf>[0], string[]?][]
  const fields = filters.map(([name, kind, choices]) => {
    const suffixes = operatorsOf(kind).filter((operator) => operator !== 'eq')
    return [
      name,
      {
        type: 'string',
        description: `Equal to this ${kind}${choices ? ` (${choices.join(', ')})` : ''}; also ${suffixes.map((s) => `\`${name}__${s}\``).join(', ')}`,
      },
    ]
  })
  const aliases = (schema.meta()?.['aliases'] ?? []) as [string, string][]
  const short = aliases.map(([name, filter]) => [name, { type: 'string', description: `Short for \`${filter}\`` }])
  return { ...json, properties: { ...Object.fromEntries([...fields, ...short]), ...(properties as object) } }
}
