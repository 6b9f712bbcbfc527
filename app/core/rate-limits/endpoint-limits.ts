import type { Limit } from './limiter.ts'

/** What `RATE_LIMIT_ENDPOINTS` is made of: `PATH=REQUESTS/SECONDS`, the path below `/api/v1`. */
export const ENDPOINT_LIMIT = /^\/\S*=[1-9]\d{0,5}\/[1-9]\d{0,5}$/

export const DEFAULT_ENDPOINT_LIMITS = [
  '/auth/login=5/300',
  '/auth/change-password=5/300',
  '/auth/forgot-password=3/3600',
  '/auth/reset-password=10/3600',
  '/auth/register=3/3600',
]

/** The defaults with these laid over them: a path that both have gets the given limit. */
export function overDefaults(given: string[]): string[] {
  const byPath = new Map([...DEFAULT_ENDPOINT_LIMITS, ...given].map((text) => [pathIn(text), text]))
  return [...byPath.values()]
}

/** The limits by path. Each is exact: it has no burst. */
export function endpointLimits(texts: string[]): Map<string, Limit> {
  return new Map(
    texts.map((text) => {
      const [requests = 0, seconds = 0] = text
        .slice(text.lastIndexOf('=') + 1)
        .split('/')
        .map(Number)
      return [pathIn(text), { requests, burst: 0, seconds }]
    }),
  )
}

const pathIn = (text: string): string => canonicalPath(text.slice(0, text.lastIndexOf('=')))

/** One spelling of a route's path: without the slash at the end, parameters as `{id}`. */
export const canonicalPath = (path: string): string => path.replace(/(?<=.)\/$/, '').replaceAll(/:(\w+)/g, '{$1}')
