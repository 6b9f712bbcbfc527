import { once } from 'node:events'
import { type IncomingMessage, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { currentRequestId } from '../../app/core/current-request.ts'
import { currentRequests } from '../../app/middleware/current-request.ts'

test('a request knows its id, also after a body that had to be waited for', async () => {
  const app = Fastify({ genReqId: () => 'the-id' })
  currentRequests(app)
  app.post('/', async () => currentRequestId() ?? 'unknown')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const headers = { 'content-type': 'application/json', expect: '100-continue' }
  const sent = ask({ host: '127.0.0.1', port, method: 'POST', headers })
  await once(sent, 'continue') // the server has begun, and waits
  sent.end('{}')
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  expect(await text(reply)).toBe('the-id')
  expect(currentRequestId()).toBeUndefined()
  await app.close()
})
