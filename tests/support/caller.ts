import type { App } from '../../app/api/http/type-provider.ts'

type Headers = Record<string, string>
type Body = object | string

/** The API below `/api/v1` as one caller sees it. A string is sent as it is, an object as JSON. */
export function callerOf(app: App, own: Headers = {}) {
  const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE') => (path: string, body?: Body, more?: Headers) =>
    app.inject({ method, url: `/api/v1${path}`, headers: { ...json(body), ...own, ...more }, payload: body })
  return { get: call('GET'), post: call('POST'), put: call('PUT'), patch: call('PATCH'), delete: call('DELETE') }
}
export type Caller = ReturnType<typeof callerOf>

const json = (body?: Body): Headers => (body === undefined ? {} : { 'content-type': 'application/json' })

export const newProduct = { name: 'Anvil', sku: 'A-1', price: '99.99' }
