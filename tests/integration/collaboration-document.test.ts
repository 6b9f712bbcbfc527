import { ProductService } from '../../app/services/product.ts'
import { examplesOf, runExample } from '../support/document-examples.ts'
import { describe, expect, test } from '../support/fixtures.ts'

describe('docs/collaboration.md, the part about messages', () => {
  const [inOneLine = '', byName = '', ...more] = examplesOf('docs/collaboration.md', 'Messages')

  test('has an example of each way, and no other', () => {
    expect([inOneLine.length > 0, byName.length > 0, more]).toEqual([true, true, []])
  })

  test('shows how to write in and read the thread of any record in one line', async ({ workAs, testUser }) => {
    await workAs(testUser, async (ctx) => {
      const product = await new ProductService(ctx).create({ name: 'x', sku: 'X', price: '1' })
      const { messages } = await runExample(inOneLine, { ctx, product })
      expect(messages).toMatchObject([
        { model_name: 'products', record_id: product.id, body: 'Kick-off meeting scheduled', user_id: testUser.id },
      ])
    })
  })

  test('shows the calls of the service', async ({ workAs, testUser }) => {
    await workAs(testUser, async (ctx) => {
      const product = await new ProductService(ctx).create({ name: 'x', sku: 'X', price: '1' })
      const seen = await runExample(byName, { ctx, product })
      const message = { body: 'Great progress on this product!', message_type: 'comment', is_internal: false }
      const reply = { body: 'Thanks for the update!', parent_id: (seen['message'] as { id: number }).id }
      expect(seen).toMatchObject({
        message,
        messages: [message],
        reply,
        replies: [reply],
        pinned: [{ ...message, is_pinned: true }],
      })
    })
  })

  test('counts for work that no user asked for, in one company', async ({ trusted, engine, settings, testCompany }) => {
    const { systemContext } = await import('../../app/services/context.ts')
    const message = await systemContext({ engine, settings, company_id: testCompany.id }, async (ctx) => {
      const product = await new ProductService(ctx).create({ name: 'x', sku: 'X', price: '1' })
      const { messages } = await runExample(inOneLine, { ctx, product })
      return (messages as object[])[0]
    })
    expect(message).toMatchObject({ user_id: null, author: null })
    const across = trusted((ctx) => runExample(inOneLine, { ctx, product: { id: 1 } }))
    await expect(across).rejects.toMatchObject({ code: 'no_company' })
  })
})
