import fc from 'fast-check'
import type { Document, Operation } from './document.ts'
import { type Plan, caller, validPlan } from './plan.ts'
import { perhapsSpoilt } from './spoilers.ts'

/** Where hashing makes a call cost as much as ten others. */
const SLOW = /\/auth\/(login|change-password|reset-password|register$|forgot|2fa|passkeys)|POST \/api\/v1\/users$/
/** Calls that others need before they can be made. */
const FERTILE = /^POST \/api\/v1\/(products|messages|roles|groups|companies|notifications)$/

/** Calls that only make sense one after the other, by the same caller (a superuser, where only they may); with `=`, about the same record. */
const STORIES = [
  ['POST /auth/2fa/setup', 'POST /auth/2fa/verify', 'POST /auth/2fa/backup-codes', 'POST /auth/2fa/disable'],
  ['POST /auth/2fa/setup', 'POST /auth/2fa/verify', 'POST /auth/login', 'POST /auth/2fa/disable'],
  [
    'POST /auth/passkeys/register/options',
    'POST /auth/passkeys/register/verify',
    'POST /auth/passkeys/login/options',
    'POST /auth/passkeys/login/verify',
    'GET /auth/passkeys',
    'DELETE /auth/passkeys/{id}',
  ],
  ['POST /auth/forgot-password', 'POST /auth/reset-password', 'POST /auth/login'],
  ['POST /auth/register', 'POST /auth/verify-email'],
  ['POST /auth/login', 'POST /auth/refresh', 'GET /auth/sessions', 'DELETE /auth/sessions/{id}'],
  ['DELETE /users/{id}', '=POST /users/{id}/restore'],
  [
    'POST /users',
    '=PATCH /users/{id}',
    '=POST /users/{id}/companies',
    '=DELETE /users/{id}',
    '=POST /users/{id}/restore',
  ],
  ['PUT /messages/{id}/reactions/{emoji}', '=DELETE /messages/{id}/reactions/{emoji}'],
  ['GET /inbox', 'PATCH /inbox/{id}', '=GET /inbox/{id}', '=DELETE /inbox/{id}'],
  ['GET /notifications', 'PATCH /notifications/{id}', '=POST /notifications/{id}/read', '=DELETE /notifications/{id}'],
  ['superuser', 'POST /companies', '=PATCH /companies/{id}', '=DELETE /companies/{id}'],
  [
    'POST /products',
    '=PATCH /products/{id}',
    '=PUT /products/{id}',
    '=DELETE /products/{id}',
    '=POST /products/{id}/restore',
  ],
  ['POST /messages', '=PATCH /messages/{id}', '=PUT /messages/{id}/pin', '=DELETE /messages/{id}'],
  ['POST /roles', '=PUT /roles/{id}/permissions', '=PATCH /roles/{id}', '=DELETE /roles/{id}'],
  ['POST /groups', '=PUT /groups/{id}/users', '=PATCH /groups/{id}', '=DELETE /groups/{id}'],
]

/** Calls of any operation by anybody, and stories; a little more than half are as the document wants them. */
export function plansOf(document: Document, operations: Operation[]): fc.Arbitrary<Plan[]> {
  const valid = new Map(operations.map((operation) => [operation.name, validPlan(document, operation)]))
  const single = operations.map(({ name }) => ({
    weight: SLOW.test(name) ? 2 : FERTILE.test(name) ? 10 : 5,
    arbitrary: fc.tuple(perhapsSpoilt(valid.get(name)!, 9)),
  }))
  const stories = STORIES.map((steps) => ({ weight: 2, arbitrary: story(steps, valid) }))
  return fc.oneof(...single, ...stories)
}

function story(steps: string[], valid: Map<string, fc.Arbitrary<Plan>>): fc.Arbitrary<Plan[]> {
  const [first] = steps
  const by = first === 'superuser' ? fc.constant(first) : caller
  const plans = steps.flatMap((step) => {
    const plan = valid.get(step.replace(/^=/, '').replace(' ', ' /api/v1'))
    return plan ? [perhapsSpoilt(plan, 2).map((one) => ({ ...one, isOfSame: step.startsWith('=') }))] : []
  })
  return fc
    .tuple(by, fc.tuple(...plans))
    .map(([one, told]) => told.map((plan) => ({ ...plan, caller: one, isRepeat: false })))
}
