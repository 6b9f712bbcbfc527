import type { FastifyRequest } from 'fastify'
import { requirePermissions } from '../app/api/deps/auth.ts'
import { loadSettings } from '../app/core/config.ts'
import { createTokens } from '../app/core/tokens.ts'
import type { Principal } from '../app/services/principal.ts'

const CALLS = 200_000

export interface GuardCost {
  /** Permissions that the caller has. */
  rules: number
  /** Microseconds for the whole guard: token, principal, company, permission. */
  guard: number
  /** Microseconds for the permission alone. */
  permission: number
}

/** What a guard costs a request whose caller is known already, with few and with many permissions. */
export async function measureGuard(): Promise<GuardCost[]> {
  const costs: GuardCost[] = []
  for (const rules of [10, 1000, 100_000]) {
    const { onRequest, preValidation } = requirePermissions(['product.read'])
    const request = requestOf(rules)
    const whole = [...onRequest, ...preValidation] as ((request: FastifyRequest) => Promise<void>)[]
    await time(whole, request) // warms up, and opens the context that the last step looks at
    costs.push({
      rules,
      guard: await time(whole, request),
      permission: await time(whole.slice(-1), request),
    })
  }
  return costs
}

async function time(steps: ((request: FastifyRequest) => Promise<void>)[], request: FastifyRequest): Promise<number> {
  const started = performance.now()
  for (let call = 0; call < CALLS; call++) for (const step of steps) await step(request)
  return ((performance.now() - started) * 1000) / CALLS
}

/** As much of a request as a guard reads. */
function requestOf(rules: number): FastifyRequest {
  const settings = loadSettings({ DATABASE_URL: 'memory:', SECRET_KEY: 'x'.repeat(32) })
  const tokens = createTokens(settings)
  const sid = crypto.randomUUID()
  const token = tokens.sign({ sub: '1', sid, company_id: 1, type: 'access' })
  const others = Array.from({ length: rules - 1 }, (_, n) => `resource${n}.read`)
  const membership = {
    id: 1,
    code: 'A',
    name: 'A',
    is_default: true,
    roles: [],
    permissions: new Set([...others, 'product.read']),
  }
  const principal = {
    user: { id: 1, is_superuser: false },
    session_id: sid,
    company_id: null,
    is_superuser: false,
    expires_at: Infinity,
    memberships: new Map([[1, membership]]),
  } as unknown as Principal
  return {
    id: crypto.randomUUID(),
    method: 'GET',
    headers: { authorization: `Bearer ${token}` },
    server: { settings, tokens, engine: { pipelines: true }, principals: { of: async () => principal } },
    routeOptions: { config: {} },
  } as unknown as FastifyRequest
}
