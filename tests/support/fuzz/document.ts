import type { App } from '../../../app/api/http/type-provider.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A JSON Schema, as far as the document uses it. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  const?: Json
  enum?: Json[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  pattern?: string
  format?: string
  description?: string
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: Schema
}

type Content = Record<string, { schema: Schema }>

export interface Operation {
  /** `POST /api/v1/products` */
  name: string
  method: string
  path: string
  parameters: Parameter[]
  body?: { required: boolean; schema: Schema; types: string[] }
  /** Whether it needs a log-in. */
  guarded: boolean
  /** By status, each reply's content type and where its schema is in the document; undefined for one without a body. */
  replies: Map<number, { type: string; schema: string } | undefined>
}

interface Described {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, { content?: Content }>
  security: object[]
}

export interface Document {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, Schema> }
}

/** The document as everybody gets it. */
export const documentOf = async (app: App): Promise<Document> =>
  (await app.inject('/api/v1/openapi.json')).json<Document>()

export function operationsIn({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses, security }]) => {
      const [[type, content] = []] = Object.entries(requestBody?.content ?? {})
      const types = Object.keys(requestBody?.content ?? {})
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        parameters,
        ...(type && content && { body: { required: requestBody?.required === true, schema: content.schema, types } }),
        guarded: security.length > 0,
        replies: new Map(
          Object.entries(responses).map(([status, reply]) => [
            Number(status),
            contentOf(path, method, status, reply.content),
          ]),
        ),
      }
    }),
  )
}

function contentOf(path: string, method: string, status: string, content?: Content) {
  const [first] = Object.entries(content ?? {})
  if (!first) return undefined
  const [type, { schema }] = first
  if (schema.$ref) return { type, schema: schema.$ref }
  const steps = ['paths', path, method, 'responses', status, 'content', type, 'schema']
  const escaped = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
  return { type, schema: `#/${escaped.join('/')}` }
}
