import { lookAtHeaders, lookAtPath, lookAtQuery } from './address.ts'
import { lookAtBody } from './body.ts'
import type { Finding, Suspicion } from './look.ts'

/** What a request may be looked at for. All of it as it came; only the body is parsed. */
export interface Examined {
  path?: string
  /** Without the question mark. */
  query?: string
  headers?: Readonly<Record<string, string | string[] | undefined>>
  body?: unknown
}

/** How much a request looks like an attack, from 0 to 100, and why. */
export interface Assessment {
  readonly score: number
  readonly findings: readonly Finding[]
}

export const HARMLESS: Assessment = { score: 0, findings: [] }

/**
 * Judges a request: of each of its parts the most suspicious text counts, and the parts add up. It decides nothing about
 * whether a request is valid, and a skilled attacker gets past it: see docs/threats.md.
 */
export function assess({ path, query, headers, body }: Examined): Assessment {
  return combine([
    path === undefined ? undefined : lookAtPath(path),
    query === undefined ? undefined : lookAtQuery(query),
    headers && lookAtHeaders(headers),
    body === undefined ? undefined : lookAtBody(body),
  ])
}

function combine(parts: (Suspicion | undefined)[]): Assessment {
  const found = parts.filter((part) => part !== undefined)
  if (found.length === 0) return HARMLESS
  const score = found.reduce((sum, part) => sum + part.score, 0)
  return { score: Math.min(100, score), findings: found.flatMap(({ findings }) => findings) }
}

/** What two looks at the same request have found together. */
export function together(one: Assessment, other: Assessment): Assessment {
  if (other === HARMLESS) return one
  if (one === HARMLESS) return other
  return { score: Math.min(100, one.score + other.score), findings: [...one.findings, ...other.findings] }
}
