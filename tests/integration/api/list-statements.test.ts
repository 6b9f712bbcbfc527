import { sql } from 'drizzle-orm'
import { callerOf } from '../../support/caller.ts'
import { countingEngine } from '../../support/counting-engine.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { ownApp } from '../../support/own-app.ts'

const MANY = 30
type Ids = { user: number; company: number; product: number; message: number }
const thread = ({ product }: Ids) => `model_name=products&record_id=${product}`

/** Every list, by its route. */
const LISTS: Record<string, (ids: Ids) => string> = {
  '/activity-logs': () => '/activity-logs?',
  '/activity-logs/entity/{type}/{id}': ({ product }) => `/activity-logs/entity/products/${product}?`,
  '/activity-logs/user/{id}': ({ user }) => `/activity-logs/user/${user}?`,
  '/companies': () => '/companies?company_id=all&',
  '/companies/{id}/users': ({ company }) => `/companies/${company}/users?`,
  '/groups': () => '/groups?',
  '/inbox': () => '/inbox?',
  '/messages': (ids) => `/messages?${thread(ids)}&`,
  '/messages/followers': (ids) => `/messages/followers?${thread(ids)}&`,
  '/messages/pinned': (ids) => `/messages/pinned?${thread(ids)}&`,
  '/messages/{id}/replies': ({ message }) => `/messages/${message}/replies?`,
  '/notifications': () => '/notifications?',
  '/permissions': () => '/permissions?',
  '/products': () => '/products?',
  '/roles': () => '/roles?',
  '/users': () => '/users?',
}

/** Rows for each of them, as many as `MANY`. */
const fill = ({ user, company, product, message }: Ids) => [
  sql`insert into activity_logs (company_id, user_id, action, category, entity_type, entity_id)
    select ${company}, ${user}, 'update', 'data_management', 'products', ${product} from generate_series(1, ${MANY}::int)`,
  sql`insert into companies (name, code) select 'C' || n, 'C' || n from generate_series(1, ${MANY}::int) n`,
  sql`insert into users (username, email, password_hash)
    select 'many' || n, 'many' || n || '@example.com', '' from generate_series(1, ${MANY}::int) n`,
  sql`insert into user_company_roles (user_id, company_id, role_id)
    select u.id, ${company}, r.id from users u, roles r where u.username like 'many%' and r.codename = 'viewer'`,
  sql`insert into message_followers (company_id, model_name, record_id, user_id)
    select ${company}, 'products', ${product}, id from users where username like 'many%'`,
  sql`insert into groups (company_id, name, codename) select ${company}, 'G' || n, 'g' || n from generate_series(1, ${MANY}::int) n`,
  sql`insert into roles (company_id, name, codename) select ${company}, 'R' || n, 'r' || n from generate_series(1, ${MANY}::int) n`,
  sql`insert into permissions (name, resource, action)
    select 'thing.a' || n, 'thing', 'a' || n from generate_series(1, ${MANY}::int) n`,
  sql`insert into messages (company_id, model_name, record_id, user_id, parent_id, is_pinned, body, message_type)
    select ${company}, 'products', ${product}, ${user}, ${message}, true, 'x', 'comment' from generate_series(1, ${MANY}::int)`,
  sql`insert into inbox_items (company_id, user_id, item_type, title)
    select ${company}, ${user}, 'message', 'x' from generate_series(1, ${MANY}::int)`,
  sql`insert into notifications (company_id, user_id, title)
    select ${company}, ${user}, 'x' from generate_series(1, ${MANY}::int)`,
  sql`insert into products (company_id, name, sku, price)
    select ${company}, 'x', 'S' || n, 1 from generate_series(1, ${MANY}::int) n`,
]

describe('a list', () => {
  test('takes as many statements for a page of one as for one of many, whichever it is', async ({
    engine,
    settings,
    trusted,
    superuser,
    testCompany,
    authHeaders,
  }) => {
    const counted = countingEngine(engine)
    await using own = await ownApp({ engine: counted.engine, settings })
    const caller = callerOf(own.app, authHeaders(superuser))
    const product = (await caller.post('/products', { name: 'x', sku: 'x', price: 1 })).json().id
    const message = (await caller.post('/messages', { model_name: 'products', record_id: product, body: 'x' })).json()
      .id
    const ids = { user: superuser.id, company: testCompany.id, product, message }
    await trusted(async ({ db }) => {
      for (const statement of fill(ids)) await db.execute(statement)
    })
    const cost = async (route: string, size: number) => {
      const before = counted.count()
      const reply = await caller.get(`${LISTS[route]!(ids)}page_size=${size}`)
      expect(reply.json().items, `${route}: ${reply.body}`).toHaveLength(size)
      return counted.count() - before
    }
    // Asked again where the caller is looked up anew between the two, because of the rows that were made.
    for (const route of Object.keys(LISTS))
      await expect.poll(async () => (await cost(route, MANY)) - (await cost(route, 1)), { message: route }).toBe(0)
  })

  test('is in this table, whichever it is', ({ app }) => {
    const { paths } = app.swagger() as { paths: Record<string, { get?: { parameters?: { name: string }[] } }> }
    const lists = Object.entries(paths)
      .filter(([, { get }]) => get?.parameters?.some(({ name }) => name === 'page_size'))
      .map(([path]) => path.replace('/api/v1', ''))
    expect(lists.filter((path) => !(path in LISTS))).toEqual([])
  })
})
