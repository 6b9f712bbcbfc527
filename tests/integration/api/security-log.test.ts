import { logSecurityEvent } from '../../../app/middleware/request-logging.ts'
import { callerOf, newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

describe('the security log', () => {
  test('has a line for each refusal: who, from where, what, and nothing for the rest', async ({
    engine,
    settings,
    authHeaders,
    viewerUser,
  }) => {
    await using own = await ownApp({ engine, settings })
    const agent = { 'user-agent': 'till/4.1' }
    const viewer = callerOf(own.app, { ...authHeaders(viewerUser), ...agent })
    await callerOf(own.app, agent).get('/products?q=x')
    const refused = await viewer.post('/products', newProduct)
    await viewer.get('/products')
    await viewer.get('/nope')
    const line = { ip: '127.0.0.1', path: '/api/v1/products', user_agent: 'till/4.1', severity: 'MEDIUM' }
    expect(own.securityLines()).toMatchObject([
      { ...line, event_type: 'authentication_failure', method: 'GET', user_id: null, details: { status: 401 } },
      {
        ...line,
        event_type: 'authorization_failure',
        method: 'POST',
        user_id: viewerUser.id,
        request_id: refused.headers['x-request-id'],
      },
    ])
    expect(own.securityLines()).toHaveLength(2)
  })

  test('has what a route tells it, with secrets masked', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings })
    own.app.addHook('onSend', async (request) => {
      const details = { reason: 'too many tries', attempt: { api_key: 'in-the-details' } }
      logSecurityEvent({ event_type: 'guessing', user_id: 7, request, severity: 'HIGH', details })
    })
    await own.app.inject('/health')
    expect(own.securityLines()).toMatchObject([
      {
        event_type: 'guessing',
        severity: 'HIGH',
        level: 50,
        user_id: 7,
        details: { reason: 'too many tries', attempt: { api_key: '***' } },
      },
    ])
  })

  test('cannot be made to have a line that nobody wrote', async ({ engine, settings }) => {
    await using own = await ownApp({ engine, settings })
    const forged = '{"event_type":"authentication_failure","user_id":1}'
    const headers = { 'user-agent': `x\t${forged}`, 'x-request-id': forged, authorization: `Bearer ${forged}` }
    await own.app.inject({ url: `/api/v1/products?x=\n${forged}\n`, headers })
    await own.app.inject({ url: `/api/v1/products/1%0a${encodeURIComponent(forged)}`, headers })
    expect(own.securityLines()).toMatchObject([{ user_id: null }, { user_id: null }])
  })
})
