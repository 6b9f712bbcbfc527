import { eq } from 'drizzle-orm'
import { activityLogs, jobs } from '../../../app/models/index.ts'
import { systemContext } from '../../../app/services/context.ts'
import type { Handler } from '../../../app/services/jobs/job.ts'
import { JobWorker } from '../../../app/services/jobs/worker.ts'
import { ProductService } from '../../../app/services/product.ts'
import { vi } from 'vitest'
import { newProduct } from '../../support/caller.ts'
import { expect, test } from '../../support/fixtures.ts'
import { jobParts } from '../../support/jobs.ts'

const ID = 'the-one-request'

test('a job that a request queues, what it logs and what it changes have the id of the request', async ({
  engine,
  settings,
  as,
  trusted,
  adminUser,
  viewerUser,
  testCompany,
}) => {
  await as(viewerUser).put('/notifications/preferences', { channels: { notification: { in_app: true, email: true } } })
  const body = { user_ids: [viewerUser.id], title: 'Look' }
  expect((await as(adminUser).post('/notifications', body, { 'x-request-id': ID })).statusCode).toBe(201)

  const lines: object[] = []
  const seen: unknown[] = []
  const makesProduct: Handler = async (parts, { data }) => {
    seen.push(data)
    await systemContext({ engine: parts.engine, settings, company_id: testCompany.id }, (ctx) =>
      new ProductService(ctx).create(newProduct),
    )
    return undefined
  }
  await using parts = jobParts(engine, settings, 'smtp://127.0.0.1:9')
  const logger = { ...parts.logger, info: (line: object) => void lines.push(line), warn() {}, error() {} }
  const worker = new JobWorker({ ...parts, logger }, { 'mail.notification': { handler: makesProduct } })
  await vi.waitFor(() => expect(lines).toHaveLength(1), 60_000)
  await worker.stop()

  expect(lines[0]).toMatchObject({ job: 'mail.notification', request_id: ID })
  expect(seen).toEqual([expect.not.objectContaining({ request_id: ID })]) // beside what the job is about
  const rows = await trusted(({ db }) => db.select().from(activityLogs).where(eq(activityLogs.entity_type, 'products')))
  expect(rows).toMatchObject([{ action: 'create', request_id: ID, user_id: null }])
})

test('a job that fails says whose it was, and one of nobody has an id of its own', async ({
  engine,
  settings,
  trusted,
}) => {
  await trusted(({ db }) =>
    db.insert(jobs).values([
      { name: 'work', data: { request_id: ID } },
      { name: 'work', data: { request_id: { no: 'id' } } },
    ]),
  )
  const warned: Record<string, unknown>[] = []
  await using parts = jobParts(engine, settings, 'smtp://127.0.0.1:9')
  const logger = {
    ...parts.logger,
    info() {},
    warn: (line: Record<string, unknown>) => void warned.push(line),
    error() {},
  }
  const handler: Handler = () => Promise.reject(new Error('no'))
  const worker = new JobWorker({ ...parts, logger }, { work: { handler } })
  await vi.waitFor(() => expect(warned).toHaveLength(2), 60_000)
  await worker.stop()
  const ids = warned.map(({ request_id }) => request_id)
  expect(ids).toContain(ID)
  expect(ids).toContainEqual(expect.stringMatching(/^[\w-]{36}$/))
})
