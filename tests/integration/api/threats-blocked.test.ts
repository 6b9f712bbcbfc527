import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { INJECTION, inQuery, test } from '../../support/threats.ts'

describe('THREAT_BLOCK', () => {
  test('refuses what scores high, with a text that tells nothing of the reason', async ({
    open,
    authHeaders,
    testUser,
    testCompany,
  }) => {
    const { app, told } = await open({ THREAT_BLOCK: true })
    const reply = await callerOf(app, authHeaders(testUser)).get(inQuery(INJECTION))
    expect([reply.statusCode, reply.json()]).toEqual([
      403,
      { detail: 'The request was refused', code: 'request_blocked', request_id: reply.headers['x-request-id'] },
    ])
    const { lines, entries } = await told()
    expect(lines).toMatchObject([{ user_id: testUser.id, details: { blocked: true } }])
    expect(entries).toMatchObject([
      { company_id: testCompany.id, success: false, metadata: { blocked: true, status: 403 } },
    ])
  })

  test('refuses bodies before anything is done', async ({ open, authHeaders, testUser }) => {
    const { app } = await open({ THREAT_BLOCK: true })
    const caller = callerOf(app, authHeaders(testUser))
    const body = { ...newProduct, description: '<script>alert(document.cookie)</script>' }
    expect((await caller.post('/products', body)).json().code).toBe('request_blocked')
    expect((await caller.get('/products?name=Anvil')).json().total).toBe(0)
    expect((await callerOf(app).get(inQuery(INJECTION))).json().code).toBe('request_blocked')
    expect((await callerOf(app).get('/nope?f=../../../etc/passwd')).json().code).toBe('request_blocked')
  })

  test('lets pass what is suspicious only, and tells of it', async ({ open, authHeaders, testUser }) => {
    const { app, told } = await open({ THREAT_BLOCK: true })
    const reply = await callerOf(app, authHeaders(testUser)).get('/products?q=union+select')
    expect(reply.statusCode).toBe(200)
    expect((await told()).lines).toMatchObject([{ severity: 'MEDIUM', details: { score: 45, blocked: false } }])
  })

  test('goes by THREAT_BLOCK_SCORE, and telling by THREAT_SCORE', async ({ open }) => {
    const strict = await open({ THREAT_BLOCK: true, THREAT_BLOCK_SCORE: 45 })
    expect((await callerOf(strict.app).get('/products?q=union+select')).json().code).toBe('request_blocked')
    const deaf = await open({ THREAT_SCORE: 46 })
    await callerOf(deaf.app).get('/products?q=union+select')
    expect((await deaf.told()).lines).toEqual([])
  })

  test('is off by default', async ({ settings }) => {
    expect(settings).toMatchObject({ THREAT_BLOCK: false, THREAT_SCORE: 30, THREAT_BLOCK_SCORE: 80 })
  })
})

describe('THREAT_DETECTION_ENABLED=false', () => {
  test('looks at nothing', async ({ open }) => {
    const { app, told } = await open({ THREAT_DETECTION_ENABLED: false, THREAT_BLOCK: true })
    await callerOf(app).get(inQuery(INJECTION))
    await app.inject('/%c0%ae%c0%ae/etc/passwd')
    expect(await told()).toEqual({ lines: [], entries: [] })
  })
})
