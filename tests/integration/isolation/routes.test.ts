import { describe, expect, test } from '../../support/fixtures.ts'
import { attack, operationsOf } from '../../support/attack.ts'
import { type Victim, attackCases } from '../../support/attack-cases/index.ts'
import { totalOf, victimOf } from '../../support/victim.ts'

describe('a user of company B calling with ids of company A', () => {
  test('has a case for every route of the OpenAPI document', ({ app }) => {
    const nothing = { records: new Proxy({}, { get: () => ({}) }) } as unknown as Victim
    const tried = Object.keys(attackCases(nothing)).map((operation) => operation.replace(/\?.*/, ''))
    expect(operationsOf(app).filter((operation) => !tried.includes(operation))).toEqual([])
  })

  test('is told nothing and changes nothing', async ({ app, workAs, trusted, testUser, outsider, authHeaders }) => {
    const victim = await victimOf({ workAs, trusted }, testUser)
    const before = await totalOf(trusted, victim)
    expect(await attack(app, authHeaders(outsider), attackCases(victim))).toEqual([])
    expect(await totalOf(trusted, victim)).toEqual(before)
  })

  test('gets the answer of a record that never was, word by word', async ({
    app,
    workAs,
    trusted,
    testUser,
    outsider,
    authHeaders,
  }) => {
    const { records } = await victimOf({ workAs, trusted }, testUser)
    const product_id = records['products']!.id
    const ask = async (id: number) => {
      const headers = { ...authHeaders(outsider), 'x-request-id': 'same' }
      return (await app.inject({ url: `/api/v1/products/${id}`, headers })).body
    }
    expect(await ask(product_id)).toBe(await ask(product_id + 1_000_000))
  })

  test('may use a SKU that company A uses', async ({ app, workAs, trusted, testUser, outsider, authHeaders }) => {
    await victimOf({ workAs, trusted }, testUser, { sku: 'SHARED' })
    const payload = { name: 'Mine', sku: 'SHARED', price: '1.00' }
    const reply = await app.inject({ method: 'POST', url: '/api/v1/products', headers: authHeaders(outsider), payload })
    expect(reply.statusCode).toBe(201)
  })

  test('cannot enter company A by header, while its own people can', async ({
    app,
    testUser,
    outsider,
    testCompany,
    authHeaders,
  }) => {
    const enter = async (user: typeof testUser) => {
      const headers = { ...authHeaders(user), 'x-company-id': String(testCompany.id) }
      return (await app.inject({ url: '/api/v1/products', headers })).statusCode
    }
    expect(await enter(outsider)).toBe(403)
    expect(await enter(testUser)).toBe(200)
  })
})
