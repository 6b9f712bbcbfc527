import { eq } from 'drizzle-orm'
import { type inboxItems, messages, notificationPreferences, userCompanyRoles, users } from '../../app/models/index.ts'
import type { NewInboxItem } from '../../app/services/inbox/deliver.ts'
import { notify } from '../../app/services/notifications/notify.ts'
import { ProductService } from '../../app/services/product.ts'
import { addMember, addRole } from '../support/people.ts'
import { describe, expect, test as base, type TestUser } from '../support/fixtures.ts'
import { addItem } from '../support/inbox.ts'
import { doJobs, jobParts, queued } from '../support/jobs.ts'
import { mailServer } from '../support/mail-server.ts'

const NOON = new Date('2026-11-24T12:00:00Z')

/** A mail server, what handlers need, and a mention of somebody. */
const test = base
  .extend('smtp', async ({}, { onCleanup }) => {
    const server = await mailServer()
    onCleanup(() => server[Symbol.asyncDispose]())
    return server
  })
  .extend('parts', async ({ engine, settings, smtp }, { onCleanup }) => {
    const parts = jobParts(engine, settings, smtp.url)
    onCleanup(() => parts[Symbol.asyncDispose]())
    return parts
  })
  .extend('mention', ({ workAs, testUser }) => {
    return (
      user: TestUser,
      item: Partial<NewInboxItem> = {},
      title = 'The manager mentioned you',
      description = 'Look at this',
    ) =>
      workAs(testUser, (ctx) =>
        notify(ctx, [
          { user_id: user.id, title, description, item: { item_type: 'mention', priority: 'high', ...item } },
        ]),
      )
  })

describe('the mail about a mention', () => {
  test('says what and where, to the user alone', async ({ parts, smtp, mention, viewerUser, testCompany, as }) => {
    await mention(viewerUser)
    expect(await doJobs(parts, 'mail.notification', NOON)).toEqual([])
    expect(smtp.deliveries).toHaveLength(1)
    const [{ recipients, subject, text } = { recipients: [], subject: '', text: '' }] = smtp.deliveries
    const [item] = (await as(viewerUser).get('/inbox')).json().items
    expect(recipients).toEqual([viewerUser.email])
    expect(subject).toBe('The manager mentioned you')
    expect(text).toContain('Look at this')
    expect(text).toContain(testCompany.name)
    expect(text).toContain(`http://localhost:5173/inbox/${item.id}\n`)
  })

  test('has one id, however often it is sent', async ({ parts, smtp, mention, viewerUser }) => {
    await mention(viewerUser)
    const [job] = await queued(parts, 'mail.notification')
    const { mailNotification } = await import('../../app/services/mail/notification.ts')
    for (let n = 0; n < 2; n++) await mailNotification(parts, job!, NOON)
    const ids = smtp.deliveries.map(({ headers }) => headers.find((line) => line.startsWith('Message-ID:')))
    expect(ids).toEqual([ids[0], ids[0]])
    expect(ids[0]).toBe(`Message-ID: <job-${job!.id}@localhost>`)
  })

  test('says nothing of what is internal', async ({ parts, smtp, mention, adminUser }) => {
    await mention(adminUser, { is_internal: true }, 'Fire the cook', 'He is never on time')
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries).toHaveLength(1)
    expect(smtp.deliveries[0]!.subject).toBe('An internal message for you in Test Company')
    expect(JSON.stringify(smtp.deliveries)).not.toMatch(/cook|on time/)
  })

  test.for([
    'Hello\r\nBcc: everybody@example.com',
    'Hello\nBcc: everybody@example.com\n\nNew body',
    'Hello\u2028Bcc: everybody@example.com',
    'Hello\u0000\u000b\u000cBcc: everybody@example.com',
    '=?utf-8?Q?x?=\r\n Bcc: everybody@example.com',
  ])('takes no header from the text %j', async (title, { parts, smtp, mention, viewerUser }) => {
    await mention(viewerUser, {}, title.replaceAll('\u0000', ''), title.replaceAll('\u0000', ''))
    await doJobs(parts, 'mail.notification', NOON)
    const [{ headers, recipients } = { headers: [''], recipients: [''] }] = smtp.deliveries
    expect(recipients).toEqual([viewerUser.email])
    expect(headers.map((line) => line.split(':')[0]!.toLowerCase()).toSorted()).toEqual([
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ])
  })

  // What has changed by the time it would be sent.
  test('is not sent to who is inactive, no member, without a confirmed address, or wants none any more', async ({
    parts,
    smtp,
    mention,
    trusted,
    as,
    viewerUser,
  }) => {
    const of = eq(users.id, viewerUser.id)
    const changes: (() => Promise<unknown>)[] = [
      () => trusted(({ db }) => db.update(users).set({ is_active: false }).where(of)),
      () => trusted(({ db }) => db.update(users).set({ is_active: true, is_verified: false }).where(of)),
      () => trusted(({ db }) => db.update(users).set({ is_verified: true, is_deleted: true }).where(of)),
      () => trusted(({ db }) => db.update(users).set({ is_deleted: false, owns_email: false }).where(of)),
      () => trusted(({ db }) => db.update(users).set({ owns_email: true }).where(of)),
    ]
    for (const change of changes.slice(0, 4)) {
      await trusted(({ db }) =>
        db.update(users).set({ is_active: true, is_verified: true, is_deleted: false, owns_email: true }).where(of),
      )
      await mention(viewerUser)
      await change()
      await doJobs(parts, 'mail.notification', NOON)
    }
    await changes[4]!()
    await mention(viewerUser)
    await as(viewerUser).put('/notifications/preferences', { channels: { mention: { in_app: true, email: false } } })
    await doJobs(parts, 'mail.notification', NOON)
    await as(viewerUser).put('/notifications/preferences', { channels: { mention: { in_app: true, email: true } } })
    await mention(viewerUser)
    await trusted(({ db }) => db.delete(userCompanyRoles).where(eq(userCompanyRoles.user_id, viewerUser.id)))
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries).toEqual([])
  })

  test('is not sent once it was read, archived or deleted', async ({ parts, smtp, mention, as, viewerUser }) => {
    const newest = async () => (await as(viewerUser).get('/inbox')).json().items[0].id
    await mention(viewerUser)
    await as(viewerUser).patch(`/inbox/${await newest()}`, { is_read: true })
    await mention(viewerUser)
    await as(viewerUser).patch(`/inbox/${await newest()}`, { is_archived: true })
    await mention(viewerUser)
    await as(viewerUser).delete(`/inbox/${await newest()}`)
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries).toEqual([])
    await mention(viewerUser)
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries).toHaveLength(1)
  })

  test('is sent only while its reader may see the record and the message', async ({
    parts,
    smtp,
    mention,
    workAs,
    trusted,
    testUser,
    viewerUser,
    outsider,
  }) => {
    const add = (user: TestUser, sku: string) =>
      workAs(user, (ctx) => new ProductService(ctx).create({ name: sku, sku, price: '1' }))
    const [kept, gone, others] = [await add(testUser, 'A'), await add(testUser, 'B'), await add(outsider, 'C')]
    const about = ({ id }: { id: number }) => ({ model_name: 'products', record_id: id })
    const [open, internal] = await trusted(({ db }) =>
      db
        .insert(messages)
        .values(
          [false, true].map((is_internal) => ({
            ...about(kept),
            company_id: testUser.company_id!,
            body: 'x',
            is_internal,
          })),
        )
        .returning(),
    )
    await mention(viewerUser, { ...about(kept), message_id: open!.id }, 'Seen')
    await mention(viewerUser, about(gone), 'Of a record that is gone')
    await mention(viewerUser, about(others), 'Of another company')
    await mention(viewerUser, { ...about(kept), message_id: internal!.id }, 'Made internal since')
    await workAs(testUser, (ctx) => new ProductService(ctx).delete(gone.id))
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries.map(({ subject }) => subject)).toEqual(['Seen'])
    await mention(viewerUser, about(kept), 'Of a model not to be read')
    await trusted(async ({ db }) => {
      const role_id = await addRole(db, { permissions: ['user.read'] })
      await db.update(userCompanyRoles).set({ role_id }).where(eq(userCompanyRoles.user_id, viewerUser.id))
    })
    await doJobs(parts, 'mail.notification', NOON)
    expect(smtp.deliveries).toHaveLength(1)
  })

  test('waits for the end of the quiet time', async ({ parts, smtp, mention, as, viewerUser }) => {
    const quiet = { dnd_enabled: true, dnd_start: '12:30', dnd_end: '14:00', time_zone: 'Europe/Berlin' }
    await as(viewerUser).put('/notifications/preferences', quiet)
    await mention(viewerUser)
    expect(await doJobs(parts, 'mail.notification', NOON)).toEqual([{ until: new Date('2026-11-24T13:00:00Z') }])
    expect(smtp.deliveries).toEqual([])
  })
})

describe('the digest', () => {
  const MONDAY = '2026-11-23'
  /** Wants one, since a moment, with items of moments. */
  const wants = (digest: 'daily' | 'weekly', user: TestUser, digested_at: string, time_zone = 'UTC') => ({
    user_id: user.id,
    digest,
    digested_at,
    time_zone,
  })

  test('is due at 8:00 by the user’s clock, once, and made up for if it was missed', async ({
    parts,
    trusted,
    testUser,
  }) => {
    const since = `${MONDAY}T07:30:00Z`
    await trusted(({ db }) =>
      db.insert(notificationPreferences).values(wants('daily', testUser, since, 'Europe/Berlin')),
    )
    const dueAt = async (now: string) => {
      const { sendDigests } = await import('../../app/services/mail/digest.ts')
      await sendDigests(parts, { id: 1, data: {} }, new Date(now))
      return (await queued(parts, 'mail.digest')).length
    }
    expect(await dueAt(`${MONDAY}T12:00:00Z`)).toBe(0) // told after 8:00 in Berlin, which is 7:00 UTC
    expect(await dueAt('2026-11-24T06:59:00Z')).toBe(0)
    expect(await dueAt('2026-11-24T11:00:00Z')).toBe(1)
    expect(await dueAt('2026-11-24T11:15:00Z')).toBe(1)
  })

  test('tells what came since, is unread and may be seen, company by company', async ({
    parts,
    smtp,
    trusted,
    testUser,
    viewerUser,
    outsider,
    testCompany,
    otherCompany,
  }) => {
    const now = new Date('2026-11-24T08:05:00Z')
    const since = `${MONDAY}T08:00:00.000Z`
    await trusted(async ({ db }) => {
      await addMember(db, viewerUser, otherCompany, await addRole(db, {}))
      await db.insert(notificationPreferences).values(wants('daily', viewerUser, since))
      const add = (title: string, more: Partial<typeof inboxItems.$inferInsert> = {}) =>
        addItem(db, {
          user_id: viewerUser.id,
          company_id: testCompany.id,
          title,
          created_at: `${MONDAY}T12:00:00Z`,
          ...more,
        })
      await add('Here')
      await add('There', { company_id: otherCompany.id })
      await add('Long ago', { created_at: `${MONDAY}T07:00:00Z` })
      await add('Later', { created_at: '2026-11-24T09:00:00Z' })
      await add('Read', { is_read: true })
      await add('Archived', { is_archived: true })
      await add('Internal', { is_internal: true })
      await add('Of a record that is not there', { model_name: 'products', record_id: 1 })
      await add('Of somebody else', { user_id: testUser.id })
      await add('Of an outsider', { user_id: outsider.id, company_id: otherCompany.id })
    })
    const { mailDigest } = await import('../../app/services/mail/digest.ts')
    const job = { id: 7, data: { user_id: viewerUser.id } }
    await mailDigest(parts, job, now)
    expect(smtp.deliveries).toHaveLength(1)
    const [{ text, recipients } = { text: '', recipients: [''] }] = smtp.deliveries
    expect(recipients).toEqual([viewerUser.email])
    expect(text.split('\n\nRead it here')[0]).toBe('Test Company\n- Here\n\nOther Company\n- There')
    // What it told is not told again, and nothing is no mail.
    await mailDigest(parts, job, now)
    expect(smtp.deliveries).toHaveLength(1)
  })

  test('is put off by the quiet time, and not sent to who wants none any more', async ({
    parts,
    smtp,
    trusted,
    testUser,
    viewerUser,
  }) => {
    const since = `${MONDAY}T08:00:00Z`
    await trusted(async ({ db }) => {
      const quiet = { dnd_enabled: true, dnd_start: '22:00', dnd_end: '09:00' }
      await db.insert(notificationPreferences).values([
        { ...wants('weekly', testUser, since), ...quiet },
        { ...wants('weekly', viewerUser, since), digest: 'none' },
      ])
      for (const user of [testUser, viewerUser]) await addItem(db, { user_id: user.id, company_id: user.company_id! })
    })
    const { mailDigest } = await import('../../app/services/mail/digest.ts')
    const at = (user: TestUser) =>
      mailDigest(parts, { id: 1, data: { user_id: user.id } }, new Date('2026-11-30T08:05:00Z'))
    expect(await at(testUser)).toEqual({ until: new Date('2026-11-30T09:00:00Z') })
    expect(await at(viewerUser)).toBeUndefined()
    expect(smtp.deliveries).toEqual([])
  })
})
