import type { App } from '../../app/api/http/type-provider.ts'

/** What stands in the victim's records wherever text can, to be looked for in every reply. */
export const SECRET = 'SECRET-OF-THE-OTHER-COMPANY'

/** How to call one route against another company. */
export interface AttackCase {
  /** The answers that tell nothing. */
  allowed: number[]
  body?: object
  /** Path parameters: ids of the victim's records. */
  params?: Record<string, number | string>
}

interface OpenApiDocument {
  paths: Record<string, Record<string, unknown>>
}

/** Every operation of the OpenAPI document, as `get /api/v1/products/{id}`. */
export function operationsOf(app: App): string[] {
  const { paths } = app.swagger() as unknown as OpenApiDocument
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
}

/** Where people call from: what the server's own machine may ask is for its operators. */
export const AWAY = { remoteAddress: '203.0.113.7' }

/** Calls every route of `cases` as the attacker and returns what leaked, a line each; nothing leaked is an empty list. */
export async function attack(
  app: App,
  headers: Record<string, string>,
  cases: Record<string, AttackCase>,
): Promise<string[]> {
  const leaks: string[] = []
  for (const [operation, { allowed, body, params = {} }] of Object.entries(cases)) {
    const [method = '', template = ''] = operation.split(' ')
    const url = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name]))
    const reply = await app.inject({ ...AWAY, method: method.toUpperCase() as 'GET', url, headers, payload: body })
    if (!allowed.includes(reply.statusCode)) leaks.push(`${operation}: answered ${reply.statusCode}`)
    if (reply.body.includes(SECRET)) leaks.push(`${operation}: shows the record`)
  }
  return leaks
}
