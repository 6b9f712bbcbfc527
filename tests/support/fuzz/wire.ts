import { SECRET } from '../attack.ts'
import { type Call, Learned, Own, type Sent } from './call.ts'
import type { Json } from './document.ts'
import { Text } from './hole.ts'
import { isPlain } from './plain-object.ts'
import type { CallerName } from './plan.ts'

/** What stands behind the places of a call that are not the same each time it is made. */
export interface Meaning {
  learned: (learned: Learned) => Json
  own: (caller: CallerName, own: Own) => Json
  authorization: (caller: CallerName) => string | undefined
}

/** The watched company's own people. */
export const WATCHED: ReadonlySet<CallerName> = new Set(['admin', 'manager', 'viewer', 'key'])

/** A call as it goes over the wire. */
export function wire(call: Call, meaning: Meaning): Sent {
  const { operation, caller } = call
  const value = (given: unknown) => mean(given, call, meaning)
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(scalar(value(call.path[name]))))
  const pairs = call.query.map(([name, given]) => `${encode(name)}=${encode(scalar(value(given)))}`)
  const query = [...pairs, ...(call.rawQuery ? [call.rawQuery] : [])].join('&')
  const body = value(call.body)
  const payload = call.rawBody ?? (body === undefined ? undefined : written(body, call.contentType))
  const authorization = meaning.authorization(caller)
  const headers: Record<string, string> = {}
  if (authorization) headers['authorization'] = authorization
  if (payload !== undefined) headers['content-type'] = call.contentType
  for (const [name, given] of Object.entries(call.headers))
    if (given !== undefined) headers[name] = scalar(value(given))
  return { caller, method: operation.method, url: query ? `${path}?${query}` : path, headers, payload }
}

function mean(given: unknown, call: Call, meaning: Meaning): unknown {
  if (given instanceof Learned) return meaning.learned(given)
  if (given instanceof Own) return meaning.own(call.caller, given)
  if (given instanceof Text) return marked(given, call.caller)
  if (Array.isArray(given)) return given.map((inner) => mean(inner, call, meaning))
  if (!isPlain(given)) return given
  const meant = {}
  for (const [key, inner] of Object.entries(given))
    Object.defineProperty(meant, key, {
      value: mean(inner, call, meaning),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return meant
}

/** The watched company's people sign their texts, so that anybody else who sees one is seen. */
function marked({ text, longest }: Text, caller: CallerName): string {
  const signed = `${text} ${SECRET}`
  return WATCHED.has(caller) && signed.length <= longest ? signed : text
}

function written(body: unknown, contentType: string): string {
  if (contentType !== 'application/x-www-form-urlencoded' || typeof body !== 'object' || body === null)
    return JSON.stringify(body)
  const fields = Object.entries(body).map(([name, value]) => `${encode(name)}=${encode(scalar(value))}`)
  return fields.join('&')
}

const scalar = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)

/** Percent-encoded; half a surrogate pair as the three bytes that some programs make of it. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80'
}

/** For who wants to make the call by hand. */
export function curl({ caller, method, url, headers, payload }: Sent): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const given = Object.entries(headers).map(
    ([name, value]) =>
      ` -H ${quoted(`${name}: ${name === 'authorization' && value.length > 60 ? `Bearer <${caller}>` : clip(value)}`)}`,
  )
  return `curl -X ${method} ${quoted(clip(url))}${given.join('')}${payload === undefined ? '' : ` -d ${quoted(clip(payload))}`}`
}

const clip = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…(${text.length})` : text)
