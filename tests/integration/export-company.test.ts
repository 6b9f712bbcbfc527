import type { Engine } from '../../app/db/engine.ts'
import { manage } from '../support/command-line.ts'
import { exportData } from '../support/export-data.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'
import { withoutSecondWall } from '../support/walls.ts'

const password_hash = `$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$${'a'.repeat(43)}`
const uid = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`
const made = (n: number) => ({ created_at: `2026-01-31T09:30:00.00${n}Z` })
const person = (name: string, more: object = {}) => ({
  email: `${name}@example.com`,
  username: name,
  password_hash,
  ...made(1),
  ...more,
})
const product = (company_code: string, sku: string) => ({ company_code, sku, name: sku, price: '1.00', ...made(2) })
const event = (n: number, more: object) => ({ uid: uid(n), ...made(n % 10), company_code: 'ACME', ...more })

/** A company that uses everything there is. */
const ACME = {
  companies: [{ code: 'ACME', name: 'ACME', ...made(0) }],
  permissions: [{ name: 'report.read' }],
  roles: [
    { name: 'Clerk', permissions: ['report.read', 'product.read'], ...made(1) },
    { name: 'Head', company_code: 'ACME', permissions: ['product.manage'], ...made(1) },
  ],
  users: [person('anna'), person('bob'), person('root', { is_superuser: true, current_company_code: 'ACME' })],
  groups: [
    { name: 'Sales', company_code: 'ACME', users: ['anna@example.com'], permissions: ['user.read'], ...made(2) },
  ],
  user_company_roles: [
    ['anna', 'Clerk'],
    ['bob', 'Head'],
    ['root', 'Admin'],
  ].map(([name, role_name]) => ({ user_email: `${name}@example.com`, company_code: 'ACME', role_name, ...made(3) })),
  products: [product('ACME', 'A-1'), product('ACME', 'A-2')],
  notifications: [event(1, { user_email: 'anna@example.com', title: 'Hello' })],
  activity_logs: [
    event(2, { user_email: 'anna@example.com', action: 'update', entity_type: 'products', entity_key: 'A-1' }),
    event(3, { action: 'visit', entity_type: 'products' }),
    event(4, { action: 'invite', entity_type: 'users' }),
    event(8, { action: 'look', entity_type: 'roles' }),
    event(5, { action: 'grant', entity_type: 'roles', entity_key: 'Clerk' }),
  ],
  messages: [
    event(6, { model_name: 'products', record_key: 'A-1', body: 'One', user_email: 'bob@example.com' }),
    event(7, { model_name: 'products', record_key: 'A-1', body: 'Two', parent_uid: uid(6) }),
  ],
}

const marked = (n: number, more: object) => event(n, { company_code: 'MARKER', description: 'MARKER', ...more })
/** Another one, which has the same people and knows them by other names. */
const OTHER = {
  companies: [{ code: 'MARKER', name: 'MARKER' }],
  permissions: [{ name: 'marker.read', description: 'MARKER' }],
  roles: [
    { name: 'MARKER shared', permissions: ['marker.read'] },
    { name: 'MARKER own', company_code: 'MARKER' },
    { name: 'Clerk', company_code: 'MARKER', codename: 'marker_clerk' },
  ],
  users: [person('marker', { full_name: 'MARKER' })],
  groups: [{ name: 'Sales', company_code: 'MARKER', users: ['anna@example.com', 'marker@example.com'] }],
  user_company_roles: [
    { user_email: 'marker@example.com', company_code: 'MARKER', role_name: 'MARKER shared' },
    { user_email: 'anna@example.com', company_code: 'MARKER', role_name: 'MARKER own', is_default: true },
    { user_email: 'anna@example.com', company_code: 'MARKER', role_name: 'Clerk', role_company_code: null },
  ],
  products: [product('MARKER', 'A-1'), product('MARKER', 'MARKER-1')],
  notifications: [marked(11, { user_email: 'anna@example.com', title: 'MARKER' })],
  activity_logs: [
    marked(12, { action: 'update', user_email: 'anna@example.com' }),
    { action: 'log_in', metadata: { MARKER: 1 } },
  ],
  messages: [
    { ...event(13, { company_code: 'MARKER', body: 'MARKER' }), model_name: 'products', record_key: 'MARKER-1' },
  ],
}

const id = (table: string, condition: string) => `(select id from ${table} where ${condition})`
const ACME_ID = id('companies', `code = 'ACME'`)
const MARKER_ID = id('companies', `code = 'MARKER'`)
const MARKER_USER = id('users', `username = 'marker'`)
const MARKER_PRODUCT = id('products', `sku = 'MARKER-1'`)
// What leads from ACME's rows to the other company's.
const ENTANGLED = [
  `update companies set parent_company_id = ${MARKER_ID} where code = 'ACME'`,
  `update users set current_company_id = ${MARKER_ID} where username = 'anna'`,
  `update users set owns_email = false, owns_username = false where username = 'bob'`,
  `insert into users (email, username, full_name, password_hash) values ('Bob@example.com', 'BOB', 'MARKER', '')`,
  `insert into user_company_roles (user_id, company_id, role_id)
   select u.id, ${MARKER_ID}, r.id from users u, roles r where u.username = 'BOB' and r.name = 'MARKER own'`,
  `insert into user_groups (user_id, group_id) select ${MARKER_USER}, id from groups where company_id = ${ACME_ID}`,
  `insert into user_company_roles (user_id, company_id, role_id)
   select u.id, ${ACME_ID}, r.id from users u, roles r where u.username = 'bob' and r.name = 'MARKER own'`,
  `update activity_logs set user_id = ${MARKER_USER}, entity_id = ${MARKER_PRODUCT} where action = 'visit'`,
  `update activity_logs set entity_id = ${MARKER_USER} where action = 'invite'`,
  `update activity_logs set entity_id = ${id('roles', `name = 'MARKER shared'`)} where action = 'look'`,
  `update messages set user_id = ${MARKER_USER} where body = 'Two'`,
  `insert into messages (company_id, model_name, record_id, body) values (${ACME_ID}, 'products', ${MARKER_PRODUCT}, 'MARKER')`,
  `insert into notifications (company_id, user_id, title) values (${ACME_ID}, ${MARKER_USER}, 'MARKER')`,
]

async function world(engine: Engine, more: { beside: boolean }): Promise<void> {
  await empty(engine)
  await rowsOf(engine, 'delete from activity_logs')
  expect(await loadData(engine, ACME)).toMatchObject({ code: 0, stderr: '' })
  if (!more.beside) return
  expect(await loadData(engine, OTHER)).toMatchObject({ code: 0, stderr: '' })
  for (const statement of ENTANGLED) await rowsOf(engine, statement)
}

const exported = (engine: Engine) => exportData(engine, ['--all', '--company', 'acme'])

describe("one company's file", () => {
  test('is the same, byte for byte, beside an empty company and a full one', async ({ engine }) => {
    await world(engine, { beside: false })
    const alone = await exported(engine)
    await world(engine, { beside: true })
    const beside = await exported(engine)
    expect(beside.text).toBe(alone.text)
    expect(beside.text).not.toMatch(/marker/i)
    // There is something to be found, and everything of the company is there.
    expect((await exportData(engine, ['--all'])).text).toMatch(/marker/i)
    const sizes = Object.entries(alone.data).map(([name, items]) => [name, items.length])
    expect(sizes).toEqual(Object.entries(ACME).map(([name, items]) => [name, items.length]))
  })

  test('is so by its own conditions alone, with row-level security switched off', async ({ engine }) => {
    await world(engine, { beside: true })
    const guarded = await exported(engine)
    await withoutSecondWall(engine, async () => expect((await exported(engine)).text).toBe(guarded.text))
  })

  test('says what of the company is not in it', async ({ engine }) => {
    await world(engine, { beside: true })
    expect((await exported(engine)).warnings).toEqual([
      'companies: 1 without their parent company, which is not in the file',
      'users: 1 without is_superuser, which the file of one company cannot give',
      'groups: 1 without members who are not in the file',
      'user_company_roles: 1 of 4 left out: of users who are not in the file, or by a role that is not',
      'notifications: 1 of 2 left out: to users, or about records, that are not in the file',
      'activity_logs: 1 without their author, who is not in the file',
      'activity_logs: 3 without what they are about, which is not in the file',
      'messages: 1 of 3 left out: about records that are not in the file',
      'messages: 1 without their author, who is not in the file',
    ])
  })

  test('of members who share an e-mail address has the first', async ({ engine }) => {
    await world(engine, { beside: false })
    await rowsOf(
      engine,
      `with twin as (insert into users (email, username, password_hash, owns_email) values ('ANNA@example.com', 'twin', '', false) returning id)
       insert into user_company_roles (user_id, company_id, role_id) select twin.id, ${ACME_ID}, r.id from twin, roles r where codename = 'viewer'`,
    )
    const { data, warnings } = await exported(engine)
    expect(data['users']?.map(({ email }) => email)).toEqual([
      'anna@example.com',
      'bob@example.com',
      'root@example.com',
    ])
    expect(warnings).toContain(
      'users: 1 of 4 left out: deleted, or with the e-mail address or username of another account',
    )
  })

  test.for([['an empty database'], ['one that has other companies']])(
    'can be loaded into %s and exported there, byte for byte, and makes no superuser',
    async ([where], { engine }) => {
      await world(engine, { beside: true })
      const { text } = await exported(engine)
      for (const table of ['activity_logs', 'users', 'roles', 'permissions', 'companies'])
        await rowsOf(engine, `delete from ${table}`)
      const { user_company_roles: _, ...others } = OTHER
      const there = { ...others, groups: [], notifications: [], activity_logs: [] }
      if (where !== 'an empty database') expect(await loadData(engine, there)).toMatchObject({ code: 0 })
      expect(await loadData(engine, text)).toMatchObject({ code: 0, stderr: '' })
      expect((await exported(engine)).text).toBe(text)
      expect(await rowsOf(engine, 'select username from users where is_superuser')).toEqual([])
    },
  )

  test.for(['ACNE', '', "x' or true --"])('of no company %j is one clear line', async (company, { engine }) => {
    const result = await manage(['export-data', '--file', '-', '--company', company], { engine })
    expect(result).toEqual({ code: 1, stdout: '', stderr: `Error: There is no company ${JSON.stringify(company)}\n` })
  })
})
