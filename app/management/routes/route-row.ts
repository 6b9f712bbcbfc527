import { canonicalPath } from '../../core/rate-limits/endpoint-limits.ts'
import type { RouteOptions } from 'fastify'
import { takesKey } from '../../api/deps/idempotency.ts'

/** A route as `./manage routes` shows it. */
export interface RouteRow {
  method: string
  path: string
  /** Who may call it at all: anybody, a user or a program with an API key of theirs, or only somebody who has logged in. */
  access: 'public' | 'user' | 'session'
  /** All of these are asked for. */
  permissions: readonly string[]
  /** One of these is asked for. */
  roles: readonly string[]
  /** In bytes; null where no body is read. */
  body_limit: number | null
  /** Whether a repeated request with the same key gets the first reply. */
  idempotency_key: boolean
  /** The endpoint's own, besides the general ones; null where it has none. */
  rate_limit: { requests: number; seconds: number } | null
}

/** The rows of a route, one for each of its methods. HEAD goes without saying: it is with every GET. */
export function rowsOf({ method, url, config, preHandler, bodyLimit }: RouteOptions, defaultLimit: number): RouteRow[] {
  const { permissions, roles = [], session, endpoint } = config ?? {}
  const replays = takesKey({ preHandler })
  const shared = {
    path: canonicalPath(url),
    access: permissions ? (session ? ('session' as const) : ('user' as const)) : ('public' as const),
    permissions: permissions ?? [],
    roles,
  }
  return [method]
    .flat()
    .filter((name) => name !== 'HEAD')
    .map((name) => ({
      method: name,
      ...shared,
      body_limit: name === 'GET' ? null : (bodyLimit ?? defaultLimit),
      idempotency_key: replays && name === 'POST',
      rate_limit: endpoint ? { requests: endpoint.limit.requests, seconds: endpoint.limit.seconds } : null,
    }))
}
