import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, inject, test, vi } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { openServer } from '../../app/db/server.ts'
import { notify } from '../../app/services/notifications/notify.ts'
import { mailServer } from '../support/mail-server.ts'
import { rowsOf } from '../support/migrations.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'
import { workAs } from '../support/work-as.ts'

/** A mail server that greets nobody: who sends by it waits. */
async function silentServer() {
  const connected = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    connected.resolve()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, connected: connected.promise, [Symbol.dispose]: () => server.close() }
}

/** Works on the database while no server has it. */
async function on<R>(open: () => Promise<Engine>, work: (engine: Engine) => Promise<R>): Promise<R> {
  const engine = await open()
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** A server is killed while it sends a mail; the next one sends it, once. */
async function killed(env: NodeJS.ProcessEnv, open: () => Promise<Engine>): Promise<void> {
  const { viewer, manager } = inject('baseline').users
  await on(open, (engine) =>
    workAs(engine, testSettings())(manager, (ctx) =>
      notify(ctx, [{ user_id: viewer.id, title: 'Not lost', item: { item_type: 'mention' } }]),
    ),
  )
  using silent = await silentServer()
  await using first = new Running(['main.ts'], { env: { ...env, SMTP_URL: silent.url } })
  await silent.connected
  first.signal('SIGKILL')
  await first.ended()
  const taken = await on(open, async (engine) => {
    const rows = await rowsOf(
      engine,
      `select attempts, locked_by is not null as locked from jobs where name = 'mail.notification'`,
    )
    // As if a minute had passed.
    await rowsOf(engine, `update jobs set locked_until = now() where name = 'mail.notification' returning id`)
    return rows
  })
  expect(taken).toEqual([{ attempts: 1, locked: true }])
  await using smtp = await mailServer()
  await using second = new Running(['main.ts'], { env: { ...env, SMTP_URL: smtp.url } })
  await second.url()
  await vi.waitFor(() => expect(smtp.deliveries).toHaveLength(1), { timeout: 60_000, interval: 50 })
  second.signal('SIGTERM')
  expect(await second.ended()).toBe(0)
  expect(smtp.deliveries).toMatchObject([{ subject: 'Not lost', recipients: [viewer.email] }])
  expect(await on(open, (engine) => rowsOf(engine, `select id from jobs where name = 'mail.notification'`))).toEqual([])
}

test.skipIf(SERVER_URL)(
  'a job outlives the process that was killed while doing it, on the embedded database',
  async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await killed(place.env, () => openEmbedded(place.database))
  },
  240_000,
)

test.runIf(SERVER_URL)(
  'a job outlives it on a server',
  async () => {
    using place = serverFolder()
    await using copy = await serverCopy()
    await killed({ ...place.env, DATABASE_URL: copy.url }, async () => openServer({ url: copy.url, poolSize: 2 }))
  },
  240_000,
)
