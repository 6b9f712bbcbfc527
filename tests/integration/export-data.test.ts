import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { batchesOf } from '../../app/db/batches.ts'
import { SECTIONS } from '../../app/schemas/demo-data.ts'
import { systemContext } from '../../app/services/context.ts'
import { exportDemoData } from '../../app/services/demo-data/export.ts'
import { EXPORT_SECTIONS } from '../../app/services/demo-data/export/export-sections.ts'
import { manage } from '../support/command-line.ts'
import { exportData } from '../support/export-data.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'

const password_hash = `$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$${'a'.repeat(43)}`
const created_at = '2026-01-31T09:30:00.000Z'
const acme = { code: 'ACME', name: 'ACME', created_at }
const anna = { email: 'anna@example.com', username: 'anna', password_hash, created_at }
const anvil = { company_code: 'ACME', name: 'Anvil', sku: 'A-1', price: '9.50', created_at }

const WITHOUT_ANNA = [
  'users: 1 of 2 left out: deleted, or with the e-mail address or username of another account',
  'groups: 1 without members who are not in the file',
  'user_company_roles: 1 of 2 left out: of users who are not in the file, or by a role that is not',
  'notifications: 1 of 1 left out: to users, or about records, that are not in the file',
  'activity_logs: 1 without their author, who is not in the file',
  'messages: 2 without their author, who is not in the file',
]

describe('the file', () => {
  test('has one item a line, by natural keys, without what loading sets by itself', async ({ engine }) => {
    await empty(engine)
    const file = {
      companies: [
        { code: 'EAST', name: 'East', parent_company_code: 'ACME', currency: 'EUR', created_at },
        { ...acme, description: null, is_active: true, timezone: 'UTC' },
      ],
      permissions: [{ name: 'report.read' }, { name: 'report.print', description: 'On paper', is_active: false }],
      roles: [
        { name: 'Clerk', company_code: 'ACME', codename: 'acme_clerk', created_at },
        { name: 'Head Clerk', permissions: ['report.read', 'product:read'], is_active: false, created_at },
      ],
      users: [
        { ...anna, is_superuser: true, current_company_code: 'EAST' },
        { ...anna, email: 'Bo@example.com', username: 'bob', password_hash: null },
      ],
      groups: [
        { name: 'Büro', company_code: 'ACME', users: [anna.email, 'bo@example.com'], created_at },
        { name: '!!', company_code: 'ACME', permissions: ['report.print'], created_at },
      ],
      user_company_roles: [
        { user_email: anna.email, company_code: 'EAST', role_name: 'Editor', is_active: false, created_at },
        { user_email: anna.email, company_code: 'ACME', role_name: 'Clerk', is_default: true, created_at },
      ],
      products: [{ ...anvil, price: 12, metadata: { colour: null } }, anvil].map((item, n) => ({
        ...item,
        sku: `A-${n}`,
      })),
    }
    expect(await loadData(engine, file)).toMatchObject({ code: 0, stderr: '' })
    const time = `"created_at": "${created_at}"`
    expect((await exportData(engine, ['--all'])).text).toBe(`{
  "companies": [
    {"code": "ACME", "name": "ACME", ${time}},
    {"code": "EAST", "name": "East", "parent_company_code": "ACME", "currency": "EUR", ${time}}
  ],
  "permissions": [
    {"name": "report.print", "description": "On paper", "is_active": false},
    {"name": "report.read"}
  ],
  "roles": [
    {"name": "Head Clerk", "is_active": false, "permissions": ["product.read", "report.read"], ${time}},
    {"name": "Clerk", "codename": "acme_clerk", "company_code": "ACME", ${time}}
  ],
  "users": [
    {"email": "Bo@example.com", "username": "bob", "password_hash": null, ${time}},
    {"email": "anna@example.com", "username": "anna", "password_hash": "${password_hash}", "is_superuser": true, "current_company_code": "EAST", ${time}}
  ],
  "groups": [
    {"name": "!!", "company_code": "ACME", "permissions": ["report.print"], ${time}},
    {"name": "Büro", "codename": "büro", "company_code": "ACME", "users": ["Bo@example.com", "anna@example.com"], ${time}}
  ],
  "user_company_roles": [
    {"user_email": "anna@example.com", "company_code": "ACME", "role_name": "Clerk", "is_default": true, ${time}},
    {"user_email": "anna@example.com", "company_code": "EAST", "role_name": "Editor", "is_active": false, ${time}}
  ],
  "products": [
    {"name": "Anvil", "sku": "A-0", "price": "12.00", "metadata": {"colour": null}, "company_code": "ACME", ${time}},
    {"name": "Anvil", "sku": "A-1", "price": "9.50", "company_code": "ACME", ${time}}
  ],
  "notifications": [],
  "activity_logs": [],
  "messages": []
}
`)
  })

  test('has every field that a file can have, but the password', () => {
    for (const { name, item, schema } of EXPORT_SECTIONS)
      for (const field of Object.keys(schema.shape)) {
        const left = { permissions: ['resource', 'action'], roles: ['is_system_role'], users: ['password'] }
        const never = Object.entries(left).some(([section, fields]) => section === name && fields.includes(field))
        expect([name, field, item.includes(`"${field}": `)]).toEqual([name, field, !never])
      }
    expect(EXPORT_SECTIONS.map(({ name }) => name).slice(0, 7)).toEqual(Object.keys(SECTIONS))
  })

  test("names everybody's role beside a company's own of that name", async ({ engine }) => {
    await empty(engine)
    const membership = { user_email: anna.email, company_code: 'ACME', role_name: 'Editor' }
    const file = {
      companies: [acme],
      roles: [{ name: 'Editor', company_code: 'ACME', codename: 'acme_editor' }],
      users: [anna],
      user_company_roles: [membership, { ...membership, role_company_code: null }],
    }
    expect(await loadData(engine, file)).toMatchObject({ code: 0, stderr: '' })
    const held = 'select codename from user_company_roles join roles r on r.id = role_id order by 1'
    expect(await rowsOf(engine, held)).toEqual([{ codename: 'acme_editor' }, { codename: 'editor' }])
    const { text } = await exportData(engine)
    expect(await loadData(engine, text, ['--clear', '--force'])).toMatchObject({ code: 0 })
    expect(await rowsOf(engine, held)).toEqual([{ codename: 'acme_editor' }, { codename: 'editor' }])
    expect((await exportData(engine)).text).toBe(text)
  })

  test('knows accounts that have no password, and lets none of them in', async ({ engine }) => {
    await loadData(engine, { users: [{ ...anna, password_hash: null }] })
    expect(await rowsOf(engine, `select password_hash from users where username = 'anna'`)).toEqual([
      { password_hash: '' },
    ])
  })

  // The embedded database has one connection, and nobody comes between.
  test.skipIf(!SERVER_URL)('is all of one moment', async ({ engine }) => {
    await loadData(engine, { companies: [acme], products: [anvil] })
    let text = ''
    const write = async (part: string) => {
      if (text === '') await rowsOf(engine, 'delete from products')
      text += part
    }
    await exportDemoData(engine, testSettings(), { write })
    expect(JSON.parse(text).products).toHaveLength(1)
    expect((await exportData(engine)).data['products']).toEqual([])
  })
})

describe('what cannot be in the file is said', () => {
  const event = { company_code: 'ACME', user_email: anna.email, created_at }
  const file = {
    companies: [acme],
    users: [anna, { ...anna, email: 'bo@example.com', username: 'bob' }],
    groups: [{ name: 'Sales', company_code: 'ACME', users: [anna.email, 'bo@example.com'] }],
    user_company_roles: [anna.email, 'bo@example.com'].map((user_email) => ({
      user_email,
      company_code: 'ACME',
      role_name: 'Viewer',
    })),
    products: [anvil, { ...anvil, sku: 'A-2' }],
    notifications: [{ ...event, title: 'Hello' }],
    activity_logs: [{ ...event, action: 'update', entity_type: 'products', entity_key: 'A-1' }],
    messages: [
      { ...event, model_name: 'products', record_key: 'A-1', body: 'One' },
      { ...event, model_name: 'products', record_key: 'A-2', body: 'Two', uid: '01900000-0000-7000-8000-000000000001' },
    ],
  }
  const loaded = test.extend('loaded', async ({ engine }) => {
    await empty(engine)
    expect(await loadData(engine, file)).toMatchObject({ code: 0, stderr: '' })
    return engine
  })

  loaded('nothing, where there is nothing', async ({ loaded: engine }) => {
    expect((await exportData(engine, ['--all'])).warnings).toEqual([])
  })

  loaded('history that nobody has asked for', async ({ loaded: engine }) => {
    const { data, warnings } = await exportData(engine)
    expect(Object.keys(data)).toEqual(Object.keys(SECTIONS))
    expect(warnings).toEqual(['1 notifications, 1 activity_logs, 2 messages left out: --all takes them along'])
  })

  loaded.for([
    [
      'a deleted product, and what was said about it',
      `update products set is_deleted = true where sku = 'A-1'`,
      [
        'products: 1 of 2 left out: deleted',
        'activity_logs: 2 without what they are about, which is not in the file', // that it was deleted, too
        'messages: 1 of 2 left out: about records that are not in the file',
      ],
    ],
    [
      'a deleted user, and what belongs to them',
      `update users set is_deleted = true where username = 'anna'`,
      WITHOUT_ANNA,
    ],
    [
      'an account that does not own its e-mail',
      `update users set owns_email = false where username = 'anna'`,
      WITHOUT_ANNA,
    ],
    [
      'one that does not own its username',
      `update users set owns_username = false where username = 'anna'`,
      WITHOUT_ANNA,
    ],
    [
      'a system role that is not of the code',
      `update roles set codename = 'retired' where name = 'Viewer'`,
      [
        'roles: 1 of 1 left out: system roles that the code has no more',
        'user_company_roles: 2 of 2 left out: of users who are not in the file, or by a role that is not',
      ],
    ],
    [
      'what only the system makes',
      'update groups set is_system_group = true',
      ['groups: 1 without is_system_group, which no file has'],
    ],
    [
      'an answer to a message about something else',
      `update messages set parent_id = (select id from messages where body = 'One') where body = 'Two'`,
      ['messages: 1 without the message they answer'],
    ],
    [
      'credentials',
      `insert into totp_secrets (user_id, secret) select id, 'x' from users;
       insert into passkeys (user_id, name, credential_id, public_key, counter) select id, 'x', username, 'x', 0 from users;
       insert into oauth_accounts (user_id, provider, subject, email) select id, 'x', username, email from users;
       insert into api_keys (user_id, company_id, name, key_hash, permissions) select u.id, c.id, 'x', username, '[]' from users u, companies c;
       insert into sessions (id, user_id, company_id, refresh_hash, expires_at) select gen_random_uuid(), u.id, c.id, 'x', now() from users u, companies c`,
      ['never in a file: 2 authenticator apps, 2 passkeys, 2 log-ins by another provider, 2 API keys, 2 sessions'],
    ],
    [
      "a feature's own tables, where it may read them",
      `create table "Odd invoices" (company_id bigint not null references companies on delete cascade);
       create table rates (rate int); create table empty (); create table secrets (); insert into secrets default values;
       grant select on "Odd invoices", rates, empty to fastvue_system;
       insert into "Odd invoices" select c.id from companies c, users; insert into rates values (1)`,
      ['never in a file: 2 "Odd invoices", 1 rates'],
    ],
    [
      'items that load-data would refuse',
      `update products set price = 'NaN'; update messages set body = repeat('x', 50001) where body = 'Two';
       update messages set metadata = '{"n": 9007199254740993}' where body = 'One'; update activity_logs set new_values = '{"__proto__": 1}'`,
      [
        'products: 2 that load-data will refuse, first products[0].price: expected a decimal of at least 0 with at most 8 digits before the point and 2 after it',
        'activity_logs: 3 that load-data will refuse, first activity_logs[0].new_values: may not have a field called __proto__',
        'messages: 2 that load-data will refuse, first messages[0].body: must have at most 50000 characters',
      ],
    ],
  ] as const)('%s', async ([, statements, warnings], { loaded: engine, onTestFinished }) => {
    onTestFinished(() => rowsOf(engine, 'drop table if exists "Odd invoices", rates, empty, secrets').then(() => {}))
    for (const statement of statements.split(';')) await rowsOf(engine, statement)
    const { text, data, warnings: said } = await exportData(engine, ['--all'])
    expect(said).toEqual(warnings)
    await rowsOf(engine, 'drop table if exists "Odd invoices"') // --clear refuses to take it along
    // What is in the file can be loaded, unless it was said that it cannot.
    if (warnings.some((line) => line.includes('refuse'))) return
    expect(await loadData(engine, text, ['--clear', '--force'])).toMatchObject({ code: 0, stderr: '' })
    expect((await exportData(engine, ['--all'])).data).toEqual(data)
  })
})

describe('where it goes', () => {
  test('by default to data/export.json of the project, which git does not keep', async ({ engine, folder }) => {
    mkdirSync(join(folder, 'migrations'))
    const settings = { ...testSettings(), directory: folder }
    const { code, stdout } = await manage(['export-data'], { engine, settings })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/companies +│ 2 /) })
    expect(statSync(join(folder, 'data/export.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(import.meta.dirname, '../../.gitignore'), 'utf8')).toMatch(/^data\/export\.json$/m)
  })

  test('- is standard output, and then all talk is on stderr', async ({ engine }) => {
    const { code, stdout, stderr } = await manage(['export-data', '--file', '-'], { engine })
    expect(code).toBe(0)
    expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(SECTIONS))
    expect(stderr).toMatch(/companies +│ 2 /)
  })

  test('an unknown company leaves nothing behind', async ({ engine, folder }) => {
    const file = join(folder, 'new', 'x.json')
    const { code, stdout, stderr } = await manage(['export-data', '--file', file, '--company', 'ACNE'], { engine })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: 'Error: There is no company "ACNE"\n' })
    expect(existsSync(join(folder, 'new'))).toBe(false)
  })
})

test('long rows come a few at a time, so that memory stays bounded', async ({ engine, settings }) => {
  const text = `select repeat('x', 400000) as item from generate_series(1, 205)`
  const sizes = await systemContext(
    { engine, settings, company_id: null, readOnly: true, long: true },
    async ({ db }) => {
      const lengths: number[] = []
      const batches = batchesOf<{ item: string }>(db, { text, values: [] }, ({ item }) => item.length)
      for await (const rows of batches) lengths.push(rows.length)
      return lengths
    },
  )
  expect(sizes).toEqual([200, 2, 2, 1])
})
