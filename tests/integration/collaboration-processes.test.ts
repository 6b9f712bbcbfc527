import { type TestUser, describe, expect, test as base } from '../support/fixtures.ts'
import { dial } from '../support/live.ts'
import { rowsOf } from '../support/migrations.ts'
import { tokenAt } from '../support/log-in-at.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL } from '../support/server-databases.ts'

/** Two server processes on one database, and people who are logged in. */
const test = base.extend('place', async ({}, { onCleanup }) => {
  const started = new AsyncDisposableStack()
  onCleanup(() => started.disposeAsync())
  const copy = started.use(await serverCopy())
  const engine = copy.open({ poolSize: 2 })
  const servers = [0, 1].map(() => {
    const { env } = started.use(serverFolder())
    // Of one installation: a token of one is a token of the other.
    const shared = { DATABASE_URL: copy.url, SECRET_KEY: 'one key of both, 32 characters at least' }
    return started.use(new Running(['main.ts'], { env: { ...env, ...shared } }))
  })
  const [first = '', second = ''] = await Promise.all(servers.map((server) => server.url()))
  return { engine, servers, first, second }
})

const call = (url: string, token: string, method: string, path: string, body?: object) =>
  fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
  })

const logIn = (url: string, { username }: TestUser): Promise<string> => tokenAt(url, username)

async function productOf(url: string, token: string): Promise<number> {
  const reply = await call(url, token, 'POST', '/products', { name: 'Lamp', sku: 'LAMP', price: '1.00' })
  return ((await reply.json()) as { id: number }).id
}

describe.runIf(SERVER_URL)('two server processes', () => {
  test('tell their clients of each other’s messages at once, and nobody of another company', async ({
    place: { first, second },
    testUser,
    adminUser,
    outsider,
  }) => {
    const [manager, admin, foreign] = await Promise.all([
      logIn(first, testUser),
      logIn(second, adminUser),
      logIn(second, outsider),
    ])
    const record_id = await productOf(first, manager)
    const here = await dial({ url: first, token: manager })
    const there = await dial({ url: second, token: admin })
    const elsewhere = await dial({ url: second, token: foreign })
    for (const one of [here, there, elsewhere]) await one.hear('connection:established')

    const body = 'Have a look, @admin'
    const written = await call(first, manager, 'POST', '/messages', { model_name: 'products', record_id, body })
    expect(written.status).toBe(201)
    const { id } = (await written.json()) as { id: number }
    expect((await there.hear('message:new')).data).toMatchObject({ id, model_name: 'products', record_id })
    expect((await here.hear('message:new')).data).toMatchObject({ id })

    await call(first, manager, 'POST', '/messages', { model_name: 'products', record_id, body: 'And again, @admin' })
    await there.hear('notification:new')
    const answer = await call(second, admin, 'POST', '/messages', { model_name: 'products', record_id, body: 'Fine' })
    expect(answer.status).toBe(201)
    expect((await here.hear('message:new')).data).toMatchObject({ record_id })
    expect(await elsewhere.echo()).toEqual([])
    for (const { socket } of [here, there, elsewhere]) socket.terminate()
  })

  test('lose no message and no notification that was acknowledged when one is killed', async ({
    place: { engine, servers, first },
    testUser,
  }) => {
    const manager = await logIn(first, testUser)
    const record_id = await productOf(first, manager)
    const acknowledged: number[] = []
    const write = async (): Promise<void> => {
      for (;;) {
        const reply = await call(first, manager, 'POST', '/messages', {
          model_name: 'products',
          record_id,
          body: '@admin',
        })
        acknowledged.push(((await reply.json()) as { id: number }).id)
        if (acknowledged.length === 100) servers[0]?.signal('SIGKILL')
      }
    }
    await Promise.allSettled([1, 2, 3, 4].map(write))
    expect(await servers[0]?.ended()).toBe('SIGKILL')

    expect(acknowledged.length).toBeGreaterThanOrEqual(100)
    const rows = await rowsOf(
      engine,
      `select m.id, count(distinct n.id) as notifications, count(distinct i.id) as items, count(distinct e.id) as events
       from messages m
       left join inbox_items i on i.message_id = m.id left join notifications n on n.id = i.notification_id
       left join events e on e.type = 'message:new' and (e.data->>'id')::bigint = m.id
       group by m.id`,
    )
    // Each of them whole, also those that nobody was told of any more.
    expect(rows.map(({ notifications, items, events }) => [notifications, items, events])).toEqual(
      rows.map(() => [1, 1, 1]),
    )
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
  })
})
