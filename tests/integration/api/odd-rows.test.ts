import { sql } from 'drizzle-orm'
import { newProduct } from '../../support/caller.ts'
import { describe, expect, test } from '../../support/fixtures.ts'

const COLUMNS = [
  ['activity_logs', 'category', 'weird'],
  ['activity_logs', 'level', 'weird'],
  ['activity_logs', 'metadata', '[1]'],
  ['activity_logs', 'old_values', '[1]'],
  ['messages', 'message_type', 'weird'],
  ['messages', 'level', 'weird'],
  ['messages', 'metadata', '[1]'],
  ['inbox_items', 'item_type', 'weird'],
  ['inbox_items', 'priority', 'weird'],
  ['notifications', 'level', 'weird'],
  ['notifications', 'data', '"x"'],
  ['products', 'metadata', '[1]'],
  ['products', 'metadata', 'null'],
] as const

describe('a list shows a row that breaks every rule of input', () => {
  test.for(COLUMNS)('%s with %s = %s', async ([table, column, value], { as, trusted, superuser, testCompany }) => {
    const user = as(superuser)
    const company_id = testCompany.id
    const product = (await user.post('/products', { ...newProduct, company_id })).json()
    const about = { model_name: 'products', record_id: product.id, company_id }
    await user.post('/messages', { ...about, body: 'x' })
    await user.post('/notifications', { user_ids: [superuser.id], title: 'x', company_id })
    // Entries cannot be changed: another one.
    const odd =
      table === 'activity_logs'
        ? sql`insert into activity_logs (${sql.identifier(column)}, action, category, company_id)
            values (${value}, 'odd', 'security', ${company_id})`
        : sql`update ${sql.identifier(table)} set ${sql.identifier(column)} = ${value}`
    const inserted =
      column === 'category'
        ? sql`insert into activity_logs (category, action, company_id) values (${value}, 'odd', ${company_id})`
        : odd
    await trusted(({ db }) => db.execute(inserted))
    const path = { activity_logs: 'activity-logs', inbox_items: 'inbox' }[table as string] ?? table
    const query = table === 'messages' ? `?model_name=products&record_id=${product.id}&` : '?'
    const reply = await user.get(`/${path}${query}company_id=${company_id}`)
    expect(reply.statusCode, reply.body).toBe(200)
    const { items } = reply.json<{ items: { id: number }[] }>()
    const shown = value === 'weird' ? value : JSON.parse(value)
    expect(items).toContainEqual(expect.objectContaining({ [column]: shown }))
  })
})
