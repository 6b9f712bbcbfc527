import fastifySwagger from '@fastify/swagger'
import type { RouteOptions } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { ERRORS } from '../../core/errors.ts'
import { ErrorResponse, ValidationErrorResponse } from '../../schemas/common.ts'
import { operatorsOf } from '../../schemas/filter.ts'
import { type JsonSchema, jsonSchema } from './json-schema.ts'
import type { App } from './type-provider.ts'

type RouteSchema = Record<string, unknown> & { response?: Record<string, z.ZodType> }
const PARTS = ['body', 'querystring', 'params', 'headers']
/** The first error of each status stands for all. */
const REASONS: Record<number, string> = Object.fromEntries(Object.values(ERRORS).toReversed())
const BODY_TYPES = ['application/json']

/** Collects the OpenAPI 3.1 document from the routes' own schemas. Must be registered before them. */
export async function openApi(app: App): Promise<void> {
  const components = new Components()
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'FastVue',
        version: app.settings.VERSION,
        license: { name: 'MIT', identifier: 'MIT' },
        description: 'A backend for business applications that many companies share.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          password: { type: 'oauth2', flows: { password: { tokenUrl: '/api/v1/auth/login', scopes: {} } } },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: describe((schema ?? {}) as RouteSchema, url, route, components),
    }),
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: OpenAPIV3_1.Document }
      const { components: own } = openapiObject
      nameOperations(openapiObject.paths ?? {})
      return { ...openapiObject, components: { ...own, schemas: components.all() } }
    },
  })
}

function describe(schema: RouteSchema, url: string, route: RouteOptions, components: Components): JsonSchema {
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
    described['security'] = [{ bearer: [] }, { password: [] }]
    if (permissions.length)
      described['description'] = `Needs ${permissions.map((name) => `\`${name}\``).join(' and ')}.`
  } else described['security'] = []
  if (rest['body'])
    described['consumes'] = url.endsWith('/auth/login')
      ? [...BODY_TYPES, 'application/x-www-form-urlencoded']
      : BODY_TYPES
  described['response'] = Object.fromEntries(
    [...Object.entries(response), ...errorsOf(schema, route, url)].map(([status, reply]) => [
      status,
      describeReply(status, reply, components),
    ]),
  )
  return described
}

/** Names for generated clients: `GET /api/v1/products/{id}` is `get_products_id`. */
function nameOperations(paths: OpenAPIV3_1.PathsObject): void {
  for (const [path, operations] of Object.entries(paths)) {
    const name =
      path
        .replace('/api/v1/', '')
        .replaceAll(/[^a-z0-9_]+/g, '_')
        .replaceAll(/^_|_$/g, '') || 'root'
    const named = Object.entries(operations ?? {}).map(([method, operation]) => [
      method,
      { ...(operation as object), operationId: `${method}_${name}` },
    ])
    paths[path] = Object.fromEntries(named) as OpenAPIV3_1.PathItemObject
  }
}

/** The errors that a route's own parts make possible. */
function errorsOf(schema: RouteSchema, route: RouteOptions, url: string): [string, z.ZodType][] {
  const { permissions } = route.config ?? {}
  const statuses: [number, unknown][] = [
    [400, schema['body']],
    [401, permissions ?? url.includes('/auth/')],
    [403, permissions?.length],
    [404, schema['params']],
    [409, schema['params'] && schema['body']],
    [413, schema['body']],
    [415, schema['body']],
    [422, schema['body'] ?? schema['querystring'] ?? schema['params']],
  ]
  return statuses.flatMap(([status, possible]) =>
    possible ? [[String(status), status === 422 ? ValidationErrorResponse : ErrorResponse]] : [],
  )
}

function describeReply(status: string, schema: z.ZodType, components: Components): JsonSchema {
  const description = schema.meta()?.description ?? REASONS[Number(status)] ?? 'Done'
  return status === '204' ? { description, type: 'null' } : { description, ...components.inline(schema, 'output') }
}

/** A list's query string with a parameter per field; the variants of each (`__lt` …) are told in its description. */
function withFilters(schema: z.ZodType, components: Components): JsonSchema {
  const { properties, additionalProperties: _, ...json } = components.inline(schema, 'input')
  const filters = (schema.meta()?.['filters'] ?? []) as [string, Parameters<typeof operatorsOf>[0]][]
  const fields = filters.map(([name, kind]) => {
    const suffixes = operatorsOf(kind).filter((operator) => operator !== 'eq')
    return [
      name,
      {
        type: 'string',
        description: `Equal to this ${kind}; also ${suffixes.map((s) => `\`${name}__${s}\``).join(', ')}`,
      },
    ]
  })
  return { ...json, properties: { ...Object.fromEntries(fields), ...(properties as object) } }
}

/** Schemas with an id go to `components`, once, and are referred to. */
class Components {
  readonly #schemas: Record<string, JsonSchema> = {}

  inline(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $defs = {}, ...json } = this.#refer(jsonSchema(schema, io)) as JsonSchema & {
      $defs?: Record<string, JsonSchema>
    }
    for (const [name, { id: _, ...definition }] of Object.entries($defs)) this.#schemas[name] = definition
    const { id, filters: _, ...own } = json
    if (typeof id !== 'string') return own
    this.#schemas[id] = own
    return { $ref: `#/components/schemas/${id}` }
  }

  all(): Record<string, JsonSchema> {
    return Object.fromEntries(Object.entries(this.#schemas).toSorted(([a], [b]) => a.localeCompare(b)))
  }

  #refer(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#refer(item))
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === '$ref' && typeof value === 'string'
          ? value.replace('#/$defs/', '#/components/schemas/')
          : this.#refer(value),
      ]),
    )
  }
}
