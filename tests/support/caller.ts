import type { App } from '../../app/api/http/type-provider.ts'
import { PASSWORD } from './password.ts'

type Headers = Record<string, string>
type Body = object | string

/** The API below `/api/v1` as one caller sees it. A string is sent as it is, an object as JSON. */
export function callerOf(app: App, own: Headers = {}) {
  const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE') => (path: string, body?: Body, more?: Headers) =>
    app.inject({ method, url: `/api/v1${path}`, headers: { ...json(body), ...own, ...more }, payload: body })
  return { get: call('GET'), post: call('POST'), put: call('PUT'), patch: call('PATCH'), delete: call('DELETE') }
}
export type Caller = ReturnType<typeof callerOf>

/** What a request sends to be of whoever has this token or API key. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Logs somebody of the baseline in, as people do. */
export const logIn = async (caller: Pick<Caller, 'post'>, username = 'manager') =>
  (await caller.post('/auth/login', { username, password: PASSWORD })).json<
    Record<'access_token' | 'refresh_token', string>
  >()

/** The API as somebody sees it who has logged in there, for apps on a database of their own. */
export const loggedIn = async (app: App, { username }: { username: string }, more: Headers = {}): Promise<Caller> =>
  callerOf(app, { ...bearer((await logIn(callerOf(app), username)).access_token), ...more })

const json = (body?: Body): Headers => (body === undefined ? {} : { 'content-type': 'application/json' })

export const newProduct = { name: 'Anvil', sku: 'A-1', price: '99.99' }
