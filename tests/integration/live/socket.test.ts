import { describe, expect } from 'vitest'
import { test } from '../../support/live-fixtures.ts'

const note = (company_id: number, n = 1) => ({ type: 'notification:new' as const, company_id, data: { n } })

describe('a WebSocket', () => {
  test('is told that it is connected, and then what happens in its company', async ({
    connect,
    happen,
    testUser,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    const listener = await connect(testUser)
    const other = await connect(outsider)
    expect(await listener.hear()).toEqual({
      type: 'connection:established',
      data: { user_id: testUser.id, connected_at: expect.any(String) },
      timestamp: expect.any(String),
      id: expect.any(Number),
    })
    await other.hear('connection:established')
    await happen(note(testCompany.id))
    expect(await listener.hear()).toEqual({
      type: 'notification:new',
      data: { n: 1 },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      id: expect.any(Number),
    })
    await happen(note(otherCompany.id, 2))
    expect((await other.hear()).data).toEqual({ n: 2 })
    expect(await listener.echo()).toEqual([])
    expect(await other.echo()).toEqual([])
  })

  test('answers with the subprotocol, and takes the token from the address, too', async ({
    connect,
    testUser,
    tokenOf,
  }) => {
    expect((await connect(testUser)).socket.protocol).toBe('bearer')
    const query = `?token=${tokenOf(testUser)}`
    expect((await connect(testUser, { token: undefined, query })).socket.protocol).toBe('')
  })

  test('is refused with 401 before the upgrade to who has no good token', async ({ connect, testUser }) => {
    await expect(connect(testUser, { token: 'x.y.z' })).rejects.toMatchObject({ status: 401 })
  })
})
