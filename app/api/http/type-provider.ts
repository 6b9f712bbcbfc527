import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchemaCompiler,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import fastJsonStringify, { type Schema } from 'fast-json-stringify'
import { z } from 'zod'
import { AppError, type Fault } from '../../core/errors.ts'
import { isStorable } from '../../core/storable.ts'
import { jsonSchema } from './json-schema.ts'

/** Zod in, fast-json-stringify out: handlers see what the schema's check returns and must return what the reply's says. */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
}
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypes
>

const PARTS: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

/** Checks one part of a request; every fault of it is in the one error. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'body' }) => {
  const part = PARTS[httpPart] ?? httpPart
  return (data) => {
    const result = schema.safeParse(data)
    const faults = (result.error?.issues ?? []).flatMap((issue) => faultsOf(issue, part, data))
    faults.push(...unstorable(data, part))
    return faults.length ? { error: new AppError('validation_error', faults) } : { value: result.data }
  }
}

function unstorable(data: unknown, part: string): Fault[] {
  if (isStorable(data)) return []
  const fields = Object.entries(data as object).filter((field) => !isStorable(field))
  const msg = 'must not contain U+0000 or half a surrogate pair, nor nest deeper than 50 levels'
  return fields.map(([name]) => ({ loc: [part, name], msg, type: 'not_storable' }))
}

function faultsOf(issue: z.core.$ZodIssue, part: string, data: unknown): Fault[] {
  const loc = [part, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ loc: [...loc, key], msg: 'Unknown field; remove it', type: 'extra_forbidden' }))
  if (issue.path.length === 0 && (data === null || data === undefined))
    return [{ loc, msg: 'expected a JSON object', type: issue.code }]
  if (ABOUT_VALUES.has(issue.code) && issue.path.length > 0 && isMissing(data, issue.path))
    return [{ loc, msg: 'Field required', type: 'missing' }]
  const type = issue.code === 'custom' && typeof issue.params?.['type'] === 'string' ? issue.params['type'] : issue.code
  return [{ loc, msg: issue.message, type }]
}

/** Faults that a value has for being what it is; that it is not there says more. */
const ABOUT_VALUES: ReadonlySet<string> = new Set(['invalid_type', 'invalid_union', 'invalid_value'])

function isMissing(data: unknown, path: PropertyKey[]): boolean {
  let value = data
  for (const step of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
  return value === undefined
}

/**
 * Writes replies. fast-json-stringify is fast because it believes its input and coerces what does not fit, so outside
 * production each reply is held against its schema first.
 */
export function serializerCompilerFor(production: boolean): FastifySerializerCompiler<z.ZodType> {
  return ({ schema }) => {
    // Made at the first reply: to make those of all routes is a third of a start.
    let made: ReturnType<typeof fastJsonStringify> | undefined
    const write = (data: unknown) => (made ??= writerOf(schema))(data)
    if (production) return write
    return (data) => {
      const { error } = schema.safeParse(data)
      if (error) throw new Error(`The reply does not match its schema: ${z.prettifyError(error)}`)
      return write(data)
    }
  }
}

const writerOf = (schema: z.ZodType) => fastJsonStringify(anyJson(jsonSchema(schema, 'output', 'draft-7')) as Schema)

/** An object that may have anything is written as what it is: fast-json-stringify would fail where a row has a list in its place. */
function anyJson(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(anyJson)
  if (typeof node !== 'object' || node === null) return node
  if ('additionalProperties' in node && !('properties' in node)) return {}
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, anyJson(value)]))
}
