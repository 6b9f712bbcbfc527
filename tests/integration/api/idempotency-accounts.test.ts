import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { idempotencyKeys } from '../../../app/models/index.ts'
import { newProduct } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'
import { doJobs, jobParts } from '../../support/jobs.ts'
import { wanted } from '../../support/programs.ts'
import { statusesOf } from '../../support/two-factor.ts'

const KEY = { 'idempotency-key': 'account 4711' }
const QUEUED = sql`insert into jobs (name, data) values ('replies.forget', '{}')`

describe('an Idempotency-Key about one’s own account', () => {
  test('makes a repeated request get the first reply, secret and all', async ({ as, testUser }) => {
    const user = as(testUser)
    const first = await user.post('/auth/api-keys', wanted, KEY)
    const second = await user.post('/auth/api-keys', wanted, KEY)
    expect([first.statusCode, second.statusCode]).toEqual([201, 201])
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect([second.body, second.headers['location']]).toEqual([first.body, first.headers['location']])
    expect((await user.get('/auth/api-keys')).json().items).toHaveLength(1)
    expect((await user.post('/auth/api-keys', wanted)).json().key).not.toBe(first.json().key)
  })

  test.for([
    ['/auth/2fa/setup', undefined],
    ['/auth/passkeys/register/options', { password: PASSWORD }],
  ] as const)('works for %s', async ([path, body], { as, testUser }) => {
    const [first, second] = [await as(testUser).post(path, body, KEY), await as(testUser).post(path, body, KEY)]
    expect([first.statusCode, second.body]).toEqual([200, first.body])
  })

  test('is refused for another body', async ({ as, testUser }) => {
    await as(testUser).post('/auth/api-keys', wanted, KEY)
    const reply = await as(testUser).post('/auth/api-keys', { ...wanted, name: 'another' }, KEY)
    expect([reply.statusCode, reply.json().code]).toEqual([422, 'idempotency_mismatch'])
  })

  test('leaves neither the reply nor the body in the table, nor what the body can be guessed by', async ({
    as,
    testUser,
    trusted,
  }) => {
    const body = { password: PASSWORD }
    const { challenge } = (await as(testUser).post('/auth/passkeys/register/options', body, KEY)).json()
    const { key } = (await as(testUser).post('/auth/api-keys', wanted, { 'idempotency-key': 'b' })).json()
    const rows = JSON.stringify(await trusted(({ db }) => db.select().from(idempotencyKeys)))
    const text = `POST /api/v1/auth/passkeys/register/options\n${JSON.stringify(body)}`
    for (const secret of [challenge, key, PASSWORD, createHash('sha256').update(text).digest('hex')])
      expect(rows).not.toContain(secret)
  })

  test('on two requests at once makes one key', async ({ as, testUser }) => {
    const user = as(testUser)
    const replies = await Promise.all([1, 2, 3].map(() => user.post('/auth/api-keys', wanted, KEY)))
    const made = replies.filter(({ statusCode }) => statusCode === 201)
    expect(new Set(made.map(({ body }) => body)).size).toBe(1)
    for (const { statusCode, body } of replies)
      if (statusCode !== 201) expect(JSON.parse(body)).toMatchObject({ code: 'conflict' })
    expect((await user.get('/auth/api-keys')).json().items).toHaveLength(1)
  })

  test('of a request that failed is free', async ({ as, testUser }) => {
    const send = (password: string) => as(testUser).post('/auth/passkeys/register/options', { password }, KEY)
    expect(statusesOf([await send('wrong password'), await send('wrong again'), await send(PASSWORD)])).toEqual([
      200, 400, 400,
    ])
  })

  test('whose process died at work is taken until no request can be at work any more', async ({
    as,
    trusted,
    testUser,
  }) => {
    const send = () => as(testUser).post('/auth/api-keys', wanted, KEY)
    const first = (await send()).json()
    const diedFor = (minutes: number) =>
      trusted(({ db }) =>
        db.update(idempotencyKeys).set({
          status: null,
          body: null,
          created_at: sql`now() - ${`${minutes} minutes`}::interval`,
        }),
      )
    await diedFor(4)
    expect([(await send()).statusCode, (await send()).json().code]).toEqual([409, 'conflict'])
    await diedFor(6)
    const second = await send()
    expect(second.statusCode).toBe(201)
    expect(second.json().id).not.toBe(first.id)
  })

  test('does not serve another log-in’s end: who is logged out gets a 401', async ({ as, testUser }) => {
    const user = as(testUser)
    const change = { current_password: PASSWORD, new_password: 'quite another secret' }
    expect((await user.post('/auth/change-password', change, KEY)).statusCode).toBe(200)
    expect((await user.post('/auth/change-password', change, KEY)).statusCode).toBe(401)
  })
})

describe('an Idempotency-Key in no company', () => {
  test('works for who has none', async ({ as, stranger }) => {
    const [first, second] = [
      await as(stranger).post('/auth/2fa/setup', undefined, KEY),
      await as(stranger).post('/auth/2fa/setup', undefined, KEY),
    ]
    expect([first.statusCode, second.body]).toEqual([200, first.body])
  })

  test('works for a superuser who is in none', async ({ as, trusted, superuser }) => {
    await trusted(({ db }) => db.execute(sql`delete from user_company_roles where user_id = ${superuser.id}`))
    await trusted(({ db }) => db.execute(sql`update sessions set company_id = null where user_id = ${superuser.id}`))
    const send = () => as(superuser).post('/companies?company_id=all', { name: 'New', code: 'NEW' }, KEY)
    const [first, second] = [await send(), await send()]
    expect([first.statusCode, second.statusCode, second.body]).toEqual([201, 201, first.body])
  })

  test('works for a request of a user without a company, and is seen by no company', async ({
    as,
    stranger,
    session,
  }) => {
    const send = () => as(stranger).post('/notifications/bulk-read', { all: true }, KEY)
    const [first, second] = [await send(), await send()]
    expect([first.statusCode, second.headers['idempotency-replayed']]).toEqual([200, 'true'])
    expect(await session.db.select().from(idempotencyKeys)).toEqual([])
  })
})

test('replies are forgotten after 24 hours', async ({ as, trusted, testUser, engine, settings }) => {
  await as(testUser).post('/products', newProduct, { 'idempotency-key': 'old' })
  await trusted(({ db }) => db.execute(sql`update idempotency_keys set created_at = now() - interval '25 hours'`))
  await as(testUser).post('/auth/api-keys', wanted, { 'idempotency-key': 'new' })
  await trusted(({ db }) => db.execute(QUEUED))
  await using parts = jobParts(engine, settings, '')
  await doJobs(parts, 'replies.forget')
  const kept = await trusted(({ db }) => db.select({ key: idempotencyKeys.key }).from(idempotencyKeys))
  expect(kept).toEqual([{ key: 'new' }])
})
