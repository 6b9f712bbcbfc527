import { newProduct } from '../../support/caller.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'

/** A product of the test company, and one of the other. */
const test = base
  .extend('product', async ({ as, testUser }) => (await as(testUser).post('/products', newProduct)).json().id as number)
  .extend('foreign', async ({ as, outsider }) => (await as(outsider).post('/products', newProduct)).json().id as number)

const on = (record_id: number) => ({ model_name: 'products', record_id })
const path = (record_id: number, more = '') => `/messages?model_name=products&record_id=${record_id}${more}`

describe('a message', () => {
  test('is written, says where it is, and is in the thread of its record', async ({
    as,
    testUser,
    testCompany,
    product,
  }) => {
    const reply = await as(testUser).post('/messages', { ...on(product), body: 'Great progress!' })
    expect(reply.statusCode).toBe(201)
    const message = reply.json()
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(message).toEqual({
      id: expect.any(Number),
      company_id: testCompany.id,
      ...on(product),
      parent_id: null,
      user_id: testUser.id,
      author: { id: testUser.id, username: 'editor', full_name: 'The editor' },
      subject: null,
      body: 'Great progress!',
      body_html: null,
      message_type: 'comment',
      level: 'info',
      is_internal: false,
      is_pinned: false,
      is_read: true,
      edited_at: null,
      attachments: [],
      metadata: {},
      mentions: [],
      reactions: [],
      reply_count: 0,
      created_at: moment,
      updated_at: moment,
    })
    expect(reply.headers['location']).toBe(`/api/v1/messages/${message.id}`)
    expect((await as(testUser).get(`/messages/${message.id}`)).json()).toEqual(message)
    expect((await as(testUser).get(path(product))).json()).toEqual({
      total: 1,
      items: [message],
      page: 1,
      page_size: 20,
      next_cursor: null,
    })
  })
})
