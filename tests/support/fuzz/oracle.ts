import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { ERRORS } from '../../../app/core/errors.ts'
import { SECRET } from '../attack.ts'
import type { Call, Reply, Sent } from './call.ts'
import type { Document } from './document.ts'
import { WATCHED } from './wire.ts'

/** What no reply may have in it: insides of the application, of the database, of the machine. */
const INSIDES =
  /\bat .{1,200}\.(ts|js|mjs):\d+|node_modules|[/\\]app[/\\](api|services|core|db)[/\\]|Failed query|syntax error at|violates [\w-]+ constraint|relation "|column "\w+" of|PGlite|[Dd]rizzle|pg_catalog|ZodError|TypeError|RangeError|Cannot read prop|ECONNREFUSED|argon2id/
/** A reply names such a thing only where its caller did. */
const NAMED_BY_CALLER = /pg_class/

const FORMATS = {
  'date-time': /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/, // the contract's: UTC, milliseconds
  'time-local': /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/,
  date: /^\d{4}-\d\d-\d\d$/,
  decimal: /^-?\d+(\.\d+)?$/,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  email: true,
  uri: true,
  password: true,
} as const

/** Holds each reply against the document, and against what holds for all of them. */
export class Oracle {
  readonly #ajv: Ajv2020
  readonly #headers: Record<string, string>
  readonly #validators = new Map<string, ValidateFunction>()

  /** @param headers that every reply has */
  constructor(document: Document, headers: Record<string, string>) {
    this.#ajv = new Ajv2020({ strict: false, allErrors: false, formats: FORMATS })
    this.#ajv.addSchema(document, 'document')
    this.#headers = headers
  }

  /** What is wrong with a reply, a line each. */
  faults(call: Call, sent: Sent, reply: Reply): string[] {
    const { status } = reply
    if (status >= 500) return [`answers ${status}: ${reply.text.slice(0, 300)}`]
    return [
      ...this.#schemaFaults(call, reply),
      ...this.#headerFaults(sent, reply),
      ...(status >= 400 ? errorFaults(reply) : []),
      ...secretFaults(call, sent, reply),
    ]
  }

  #schemaFaults({ operation }: Call, { status, headers, text, json }: Reply): string[] {
    if (!operation.replies.has(status))
      return [`answers ${status}, which the document does not declare: ${text.slice(0, 200)}`]
    const declared = operation.replies.get(status)
    const type = String(headers['content-type'] ?? '')
    if (!declared) return text === '' ? [] : [`${status} has a body, which the document does not declare`]
    if (!type.startsWith(`${declared.type};`) || !type.endsWith('; charset=utf-8')) return [`content-type is ${type}`]
    if (declared.type !== 'application/json') return []
    if (json === undefined) return ['the body is not JSON']
    const { schema } = declared
    let validate = this.#validators.get(schema)
    if (!validate) this.#validators.set(schema, (validate = this.#ajv.compile({ $ref: `document${schema}` })))
    if (validate(json)) return []
    return [`${status} does not match its schema: ${this.#ajv.errorsText(validate.errors)}; ${text.slice(0, 300)}`]
  }

  #headerFaults({ headers: asked }: Sent, { headers, status, json }: Reply): string[] {
    const faults = Object.entries(this.#headers).flatMap(([name, value]) =>
      headers[name] === value ? [] : [`${name} is ${String(headers[name])}`],
    )
    const id = headers['x-request-id']
    if (typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id)) faults.push(`x-request-id is ${String(id)}`)
    const given = asked['x-request-id']
    if (given !== undefined && given !== id && /^[\w.-]{1,64}$/.test(given))
      faults.push('x-request-id is not the one that was sent')
    if (status === 201 && typeof json === 'object' && json !== null && 'id' in json && !headers['location'])
      faults.push('201 without Location')
    if (status === 302 && !headers['location']) faults.push('302 without Location')
    return faults
  }
}

function errorFaults({ status, headers, json }: Reply): string[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return ['an error without the shape of errors']
  const { code, detail, request_id } = json
  const [declared] = Object.entries(ERRORS).find(([name]) => name === code)?.[1] ?? []
  const faults: string[] = []
  if (declared !== status) faults.push(`code ${JSON.stringify(code)} is not one of ${status}`)
  if (request_id !== headers['x-request-id']) faults.push('request_id is not the header’s')
  if ((code === 'validation_error') !== Array.isArray(detail))
    faults.push('a list of faults is what validation_error has')
  if (Array.isArray(detail) && detail.length === 0) faults.push('no fault is named')
  if (status === 401 && headers['www-authenticate'] === undefined) faults.push('401 without WWW-Authenticate')
  if (status === 429 && headers['retry-after'] === undefined) faults.push('429 without Retry-After')
  return faults
}

function secretFaults({ caller, operation }: Call, sent: Sent, { status, text }: Reply): string[] {
  const faults: string[] = []
  const [inside] = INSIDES.exec(text) ?? []
  if (inside && !sent.url.includes(inside) && !sent.payload?.includes(inside) && !NAMED_BY_CALLER.test(inside))
    faults.push(`shows an inside: ${inside}`)
  if (!WATCHED.has(caller) && caller !== 'superuser' && (text.includes(SECRET) || text.includes(SECRET.toLowerCase())))
    faults.push(LEAK)
  if (caller === 'nobody' && operation.guarded && status < 400 && !('authorization' in sent.headers))
    faults.push('lets nobody in')
  return faults
}

/** Not a fault where a superuser has brought the two companies together. */
export const LEAK = 'shows what is the other company’s'
