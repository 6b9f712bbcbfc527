import fc from 'fast-check'
import { ClientMessage } from '../../../app/schemas/live.ts'
import { describe, expect } from '../../support/fixtures.ts'
import { test } from '../../support/live-fixtures.ts'

describe('what a client sends', () => {
  const REFUSED: [what: string, text: string, code: string][] = [
    ['no JSON', '{', 'invalid_json'],
    ['nothing', '', 'invalid_json'],
    ['no object', '1', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['a list', '[{"type":"ping"}]', 'invalid_message'],
    ['no type', '{}', 'invalid_message'],
    ['an unknown type', '{"type":"subscribe"}', 'invalid_message'],
    ['a type of the prototype', '{"type":"constructor"}', 'invalid_message'],
    ['a type for the server to say', '{"type":"message:new","data":{}}', 'invalid_message'],
    [
      'more than is asked',
      '{"type":"typing:start","data":{"model_name":"products","record_id":1,"x":1}}',
      'invalid_message',
    ],
    [
      'an id that is none',
      '{"type":"typing:start","data":{"model_name":"products","record_id":1.5}}',
      'invalid_message',
    ],
    [
      'text that no database stores',
      '{"type":"typing:start","data":{"model_name":"a\\u0000","record_id":1}}',
      'invalid_message',
    ],
  ]
  test.for(REFUSED)('%s is refused, and the connection stays', async ([, text, code], { connect, testUser }) => {
    const listener = await connect(testUser)
    await listener.hear('connection:established')
    listener.say(text)
    expect(await listener.hear()).toMatchObject({ type: 'error', data: { code, detail: expect.any(String) }, id: null })
    expect(await listener.echo()).toEqual([])
  })

  test('closes the connection with 1008 when the fifth makes no sense', async ({ connect, testUser }) => {
    const listener = await connect(testUser)
    for (const _ of [1, 2, 3, 4]) listener.say('x')
    await listener.echo()
    listener.say('x')
    expect(await listener.closed()).toMatchObject({ code: 1008 })
  })

  test('closes it with 1003 when it is binary', async ({ connect, testUser }) => {
    const listener = await connect(testUser)
    listener.socket.send(Buffer.from('{"type":"ping"}'))
    expect(await listener.closed()).toMatchObject({ code: 1003 })
  })

  test('closes it with 1009 when it is over 16 kB, and is read up to that', async ({ connect, testUser }) => {
    const ofSize = (bytes: number) => `{"type":"ping","data":"${'x'.repeat(bytes - 25)}"}`
    const listener = await connect(testUser)
    await listener.hear('connection:established')
    expect(ofSize(100)).toHaveLength(100)
    listener.say(ofSize(16 * 1024))
    expect(await listener.hear()).toMatchObject({ type: 'pong' })
    listener.say(ofSize(16 * 1024 + 1))
    expect(await listener.closed()).toMatchObject({ code: 1009 })
  })

  test.for(['message', 'ping'] as const)(
    'closes it with 1008 when %ss come faster than 20 a second',
    async (kind, { connect, testUser }) => {
      const listener = await connect(testUser)
      await listener.hear('connection:established')
      for (let n = 0; n < 35; n++) listener.say({ type: 'ping' }) // a burst is fine
      for (let n = 0; n < 35; n++) await listener.hear('pong')
      for (let n = 0; n < 60; n++) {
        if (kind === 'message') listener.say({ type: 'ping' })
        else listener.socket.ping()
      }
      expect(await listener.closed()).toMatchObject({ code: 1008 })
    },
  )

  test('is never more than it says: any text is answered or refused', async ({ connect, testUser }) => {
    let listener = await connect(testUser)
    let sent = 0
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ type: fc.string(), data: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        if (sent++ % 4 === 0) {
          listener.socket.terminate()
          listener = await connect(testUser)
          await listener.hear('connection:established')
        }
        listener.say(text)
        expect(await listener.hear()).toMatchObject({ type: expect.stringMatching(/^(error|pong|presence:list)$/) })
      }),
      { numRuns: 60 },
    )
    expect(ClientMessage.safeParse({ type: 'ping' }).success).toBe(true)
  })
})

describe('a client that does not read', () => {
  test('is cut off and never waited for', async ({ connect, happen, own, testUser, viewerUser, testCompany }) => {
    const slow = await connect(viewerUser)
    const quick = await connect(testUser)
    await quick.hear('connection:established')
    slow.socket.pause()
    const data = { text: 'x'.repeat(1024 * 1024) }
    for (let n = 0; n < 40 && own.live.clients.size > 1; n++) {
      await happen({ type: 'message:new', company_id: testCompany.id, data })
      expect((await quick.hear('message:new')).data).toEqual(data)
    }
    await expect.poll(() => own.live.clients.size).toBe(1)
    slow.socket.resume()
    expect(await slow.closed()).toMatchObject({ code: 1006 })
  })
})
