import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../../app/db/engine.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { contents, empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'
import { uidOf } from '../../app/services/demo-data/history/uids.ts'

const acme = { code: 'ACME', name: 'ACME' }
const gts = { code: 'GTS', name: 'GTS' }
const anna = { email: 'anna@example.com', username: 'anna', password: 'correct horse', current_company_code: 'ACME' }
const anvil = { company_code: 'ACME', name: 'Anvil', sku: 'A-1', price: '9.50' }
const core = { companies: [acme, gts], users: [anna], products: [anvil, { ...anvil, sku: 'A-2' }] }
const uid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

const notification = { uid: uid(1), user_email: 'ANNA@example.com', title: 'Welcome' }
const entry = { uid: uid(2), company_code: 'acme', user_email: anna.email, action: 'product.update' }
const message = { uid: uid(3), company_code: 'ACME', model_name: 'products', record_key: 'A-1', body: 'Heavy' }

const counts = (stdout: string) => JSON.parse(stdout).sections
const faultsOf = (stderr: string) =>
  stderr
    .trim()
    .replace(/^Error: /, '')
    .split('\n')
    .map((line) => line.trim())
const all = (created: number, updated: number, unchanged: number) => ({ created, updated, unchanged })

describe('history', () => {
  test('is loaded without what its HTML could do, and not with a link that runs', async ({ engine }) => {
    await empty(engine)
    const body_html = '<p onclick="x()">Heavy</p><script>alert(1)</script>'
    const { code } = await loadData(engine, { ...core, messages: [{ ...message, body_html }] })
    expect(code).toBe(0)
    expect(await rowsOf(engine, 'select body_html from messages')).toEqual([{ body_html: '<p>Heavy</p>' }])
    const attachments = [{ name: 'x', url: 'javascript:alert(1)' }]
    const refused = await loadData(engine, { messages: [{ ...message, uid: uid(9), attachments }] })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('messages[0].attachments[0].url')
  })

  test('is loaded with what it refers to', async ({ engine }) => {
    await empty(engine)
    const created_at = '2026-01-31T10:30:00.125+01:00'
    const { code, stderr } = await loadData(engine, {
      // The sections may come in any order.
      messages: [
        { ...message, created_at, user_email: anna.email, is_pinned: true, metadata: { a: [1, { b: null }] } },
        { ...message, uid: uid(4), parent_uid: uid(3), body: 'Very' },
      ],
      activity_logs: [
        { ...entry, created_at, entity_type: 'products', entity_key: 'A-1', old_values: { price: '1' }, risk_score: 7 },
        {
          ...entry,
          uid: uid(5),
          company_code: null,
          user_email: undefined,
          entity_type: 'users',
          entity_key: anna.email,
        },
      ],
      notifications: [{ ...notification, is_read: true, read_at: created_at }],
      ...core,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const messages = `select m.uid, m.created_at, m.body, c.code, p.sku, u.email, parent.uid as parent, m.is_pinned, m.metadata, m.level
      from messages m join companies c on c.id = m.company_id join products p on p.id = m.record_id
      left join users u on u.id = m.user_id left join messages parent on parent.id = m.parent_id order by m.id`
    const common = { code: 'ACME', sku: 'A-1', level: 'info' }
    const [now] = await rowsOf(engine, `select created_at from messages where uid = '${uid(4)}'`)
    expect(await rowsOf(engine, messages)).toEqual([
      {
        ...common,
        uid: uid(3),
        created_at: '2026-01-31T09:30:00.125Z',
        body: 'Heavy',
        email: anna.email,
        parent: null,
        is_pinned: true,
        metadata: { a: [1, { b: null }] },
      },
      {
        ...common,
        uid: uid(4),
        created_at: now?.['created_at'],
        body: 'Very',
        email: null,
        parent: uid(3),
        is_pinned: false,
        metadata: {},
      },
    ])
    const logs = `select a.uid, c.code, u.email, entity_id in (select id from products) as of_product, entity_id in (select id from users) as of_user, old_values, risk_score, success
      from activity_logs a left join companies c on c.id = a.company_id left join users u on u.id = a.user_id where action <> 'load_data' order by a.id`
    expect(await rowsOf(engine, logs)).toEqual([
      {
        uid: uid(2),
        code: 'ACME',
        email: anna.email,
        of_product: true,
        of_user: false,
        old_values: { price: '1' },
        risk_score: 7,
        success: true,
      },
      {
        uid: uid(5),
        code: null,
        email: null,
        of_product: false,
        of_user: true,
        old_values: null,
        risk_score: 0,
        success: true,
      },
    ])
    const told = `select n.uid, c.code, title, is_read, read_at from notifications n join companies c on c.id = n.company_id`
    expect(await rowsOf(engine, told)).toEqual([
      { uid: uid(1), code: 'ACME', title: 'Welcome', is_read: true, read_at: '2026-01-31T09:30:00.125Z' },
    ])
  })

  const equal = { ...entry, uid: undefined }
  test.for([{ flags: [] }, { flags: ['--update'] }])(
    'loaded twice with $flags changes nothing, with uids or without',
    async ({ flags }, { engine }) => {
      await empty(engine)
      const { uid: _, ...unnamed } = message
      const odd = { ...equal, session_id: 'ABCDEF00-0000-4000-8000-000000000000', metadata: { n: 'minus zero' } }
      const file = {
        ...core,
        notifications: [notification, { ...notification, uid: undefined }],
        activity_logs: [equal, entry, equal, odd, equal],
        messages: [message, unnamed, unnamed, { ...unnamed, parent_uid: uid(3) }],
      }
      const text = JSON.stringify(file).replace('"minus zero"', '-0')
      const first = await loadData(engine, text, ['--json'])
      expect(counts(first.stdout)).toMatchObject({
        notifications: all(2, 0, 0),
        activity_logs: all(5, 0, 0),
        messages: all(4, 0, 0),
      })
      const before = await contents(engine)
      const again = await loadData(engine, text, [...flags, '--json'])
      expect(counts(again.stdout)).toMatchObject({
        notifications: all(0, 0, 2),
        activity_logs: all(0, 0, 5),
        messages: all(0, 0, 4),
      })
      expect(await contents(engine)).toEqual(before)
      const uids = await rowsOf(engine, `select distinct uid from activity_logs where action <> 'load_data'`)
      expect(uids).toHaveLength(5)
      for (const row of uids.filter((other) => other['uid'] !== uid(2)))
        expect(row['uid']).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    },
  )

  test('an item without a uid is the same one in whatever order its fields stand; one more equal to it is new', async ({
    engine,
  }) => {
    await empty(engine)
    await loadData(engine, { ...core, activity_logs: [{ action: 'a', metadata: { x: 1, y: 2 } }] })
    const file = {
      activity_logs: [
        { metadata: { y: 2, x: 1 }, action: 'a' },
        { action: 'a', metadata: { x: 1, y: 2 } },
      ],
    }
    const { stdout } = await loadData(engine, file, ['--json'])
    expect(counts(stdout).activity_logs).toEqual(all(1, 0, 1))
  })

  test('that is there stays, and with --update follows the file', async ({ engine }) => {
    await empty(engine)
    const other = { ...message, uid: uid(6), record_key: 'A-1', body: 'Other' }
    const reply = { ...message, uid: uid(4), parent_uid: uid(3) }
    await loadData(engine, {
      ...core,
      notifications: [notification],
      activity_logs: [entry],
      messages: [message, reply, other],
    })
    const before = await contents(engine)
    const changed = {
      notifications: [{ ...notification, company_code: 'GTS', is_read: true }],
      activity_logs: [{ ...entry, created_at: '2020-02-02T02:02:02.002Z', user_email: null, new_values: { a: 1 } }],
      messages: [{ ...message, body: 'Light' }, { ...reply, parent_uid: uid(6) }, { ...other }],
    }
    expect((await loadData(engine, changed)).code).toBe(0)
    expect(await contents(engine)).toEqual(before)

    const { stdout } = await loadData(engine, changed, ['--update', '--json'])
    expect(counts(stdout)).toMatchObject({
      notifications: all(0, 1, 0),
      activity_logs: all(0, 1, 0),
      messages: all(0, 2, 1),
    })
    expect(
      await rowsOf(engine, 'select is_read, code from notifications n join companies c on c.id = company_id'),
    ).toEqual([{ is_read: true, code: 'GTS' }])
    expect(
      await rowsOf(engine, `select created_at, user_id, new_values from activity_logs where action <> 'load_data'`),
    ).toEqual([{ created_at: '2020-02-02T02:02:02.002Z', user_id: null, new_values: { a: 1 } }])
    const bodies =
      'select m.body, p.uid as parent from messages m left join messages p on p.id = m.parent_id order by m.id'
    expect(await rowsOf(engine, bodies)).toEqual([
      { body: 'Light', parent: null },
      { body: 'Heavy', parent: uid(6) },
      { body: 'Other', parent: null },
    ])
    await loadData(engine, { messages: [{ ...reply, parent_uid: null }] }, ['--update'])
    expect(await rowsOf(engine, 'select count(parent_id) as replies from messages')).toEqual([{ replies: 0 }])
  })

  test('a message that is there cannot be moved to another record', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, { ...core, messages: [message] })
    const moved = { messages: [{ ...message, record_key: 'A-2' }] }
    expect((await loadData(engine, moved)).code).toBe(0)
    expect((await loadData(engine, moved, ['--update'])).stderr).toBe(
      'Error: messages[0].record_key: the message is about another record already\n',
    )
  })

  test('a parent may come after its replies, and be in the database already', async ({ engine }) => {
    await empty(engine)
    const chain = Array.from({ length: 40 }, (_, n) => ({ ...message, uid: uid(100 + n), parent_uid: uid(99 + n) }))
    await loadData(engine, { ...core, messages: [{ ...message, uid: uid(99) }] })
    const { code } = await loadData(engine, { messages: chain.toReversed() })
    expect(code).toBe(0)
    const parents =
      'select count(*) as replies from messages m join messages p on p.id = m.parent_id where right(m.uid::text, 12)::int = right(p.uid::text, 12)::int + 1'
    expect(await rowsOf(engine, parents)).toEqual([{ replies: 40 }])
  })

  test('names records by the natural key of whatever table they are in', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, {
      ...core,
      roles: [{ name: 'Clerk' }, { name: 'Clerk', company_code: 'GTS', codename: 'gts_clerk' }],
      groups: [{ name: 'Sales', company_code: 'GTS' }],
      permissions: [{ name: 'report.read' }],
      messages: [
        { ...message, uid: undefined, model_name: 'users', record_key: 'Anna@Example.com' },
        { ...message, uid: undefined, model_name: 'companies', record_key: 'gts' },
        { ...message, uid: undefined, model_name: 'roles', record_key: 'Clerk' },
        { ...message, uid: undefined, model_name: 'roles', record_key: 'Clerk', company_code: 'GTS' },
        { ...message, uid: undefined, model_name: 'groups', record_key: 'Sales', company_code: 'GTS' },
        { ...message, uid: undefined, model_name: 'permissions', record_key: 'report.read' },
      ],
    })
    const names = `select coalesce(u.email, c.code, r.codename, g.name, p.name) as name from messages m
      left join users u on u.id = record_id and model_name = 'users' left join companies c on c.id = record_id and model_name = 'companies'
      left join roles r on r.id = record_id and model_name = 'roles' left join groups g on g.id = record_id and model_name = 'groups'
      left join permissions p on p.id = record_id and model_name = 'permissions' order by m.id`
    expect((await rowsOf(engine, names)).map(({ name }) => name)).toEqual([
      anna.email,
      'GTS',
      'clerk',
      'gts_clerk',
      'Sales',
      'report.read',
    ])
  })

  test('names the record of its own company, and the user who owns the e-mail address', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, { ...core, products: [anvil, { ...anvil, company_code: 'GTS' }] })
    for (const username of ['anna2', 'anna3'])
      await rowsOf(
        engine,
        `insert into users (email, username, password_hash, owns_email) values ('${anna.email}', '${username}', 'x', false)`,
      )
    const own = ['ACME', 'GTS'].map((company_code) => ({
      ...message,
      uid: undefined,
      company_code,
      user_email: anna.email,
    }))
    const ofUser = { ...message, uid: undefined, model_name: 'users', record_key: anna.email, user_email: anna.email }
    expect(await loadData(engine, { messages: [...own, ofUser] })).toMatchObject({ code: 0 })
    const right = `select count(*) as messages from messages m join users u on u.id = m.user_id and u.username = 'anna'
      where record_id = u.id or exists (select from products p where p.id = record_id and p.company_id = m.company_id)`
    expect(await rowsOf(engine, right)).toEqual([{ messages: 3 }])
  })

  test('a notification without a company reaches its user in the current one, else in the default one', async ({
    engine,
  }) => {
    await empty(engine)
    const users = [anna, { ...anna, email: 'bob@example.com', username: 'bob', current_company_code: null }]
    const memberships = [{ user_email: 'bob@example.com', company_code: 'GTS', role_name: 'Clerk', is_default: true }]
    const notifications = users.map(({ email }) => ({ user_email: email, title: 'Hello' }))
    const file = { ...core, users, roles: [{ name: 'Clerk' }], notifications }
    expect(await loadData(engine, file)).toMatchObject({
      code: 1,
      stderr: 'Error: notifications[1].company_code: is required, for bob@example.com has no company\n',
    })
    expect((await loadData(engine, { ...file, user_company_roles: memberships })).code).toBe(0)
    const codes = 'select c.code from notifications n join companies c on c.id = company_id order by n.id'
    expect(await rowsOf(engine, codes)).toEqual([{ code: 'ACME' }, { code: 'GTS' }])
    // It stays there, wherever its user works now.
    await loadData(engine, { users: [{ ...anna, current_company_code: 'GTS' }], notifications }, ['--update'])
    expect(await rowsOf(engine, codes)).toEqual([{ code: 'ACME' }, { code: 'GTS' }])
  })

  test('--dry-run says what it would do and keeps nothing', async ({ engine }) => {
    const before = await contents(engine)
    const { code, stdout } = await loadData(engine, { ...core, activity_logs: [entry], messages: [message] }, [
      '--dry-run',
      '--json',
    ])
    expect({ code, ...counts(stdout) }).toMatchObject({ code: 0, activity_logs: all(1, 0, 0), messages: all(1, 0, 0) })
    expect(await contents(engine)).toEqual(before)
  })

  test('comes in batches, with a bar over all items', async ({ engine, folder }) => {
    await empty(engine)
    const file = join(folder, 'many.json')
    const activity_logs = Array.from({ length: 5000 }, (_, n) => ({ action: `a${n}`, description: 'x'.repeat(300) }))
    writeFileSync(file, JSON.stringify({ ...core, activity_logs }))
    const { code, stdout, stderr } = await manage(['load-data', '--file', file, '--json'], { engine, answers: [] })
    expect({ code, ...counts(stdout) }).toMatchObject({ code: 0, activity_logs: all(5000, 0, 0) })
    expect(stderr).toMatch(/items \[.+\] 5005\/5005 · \d+\/s · .+ left/)
    expect(
      await rowsOf(engine, `select count(distinct action) as actions from activity_logs where action <> 'load_data'`),
    ).toEqual([{ actions: 5000 }])
  })
})

describe('faults of history', () => {
  test('has no message as its own ancestor by way of what is stored', async ({ engine }) => {
    await empty(engine)
    const reply = { ...message, uid: uid(4), parent_uid: uid(3) }
    await loadData(engine, { ...core, messages: [message, reply] })
    const circle = { messages: [{ ...message, parent_uid: uid(4) }] }
    expect((await loadData(engine, circle)).code).toBe(0) // it stays as it is
    expect((await loadData(engine, circle, ['--update'])).stderr).toBe(
      'Error: messages[0].parent_uid: makes the message its own ancestor\n',
    )
    expect(
      faultsOf((await loadData(engine, { messages: [{ ...message, uid: uid(5), parent_uid: uid(5) }] })).stderr),
    ).toEqual(['messages[0].parent_uid: makes the message its own ancestor'])
  })

  test('know a parent about another record, in the file or stored', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, { ...core, messages: [message] })
    const other = { ...message, uid: uid(4), record_key: 'A-2', parent_uid: uid(3) }
    const { stderr } = await loadData(engine, { messages: [other, { ...message, uid: uid(5), parent_uid: uid(4) }] })
    expect(faultsOf(stderr).slice(1)).toEqual([
      `messages[0].parent_uid: message "${uid(3)}" is about another record`,
      `messages[1].parent_uid: message "${uid(4)}" is about another record`,
    ])
  })

  test('know a uid that another item gets for what it says, half a megabyte away', async ({ engine }) => {
    const far = Array.from({ length: 300 }, (_, n) => ({ action: `${n}`, description: 'x'.repeat(4000) }))
    const { stderr } = await loadData(engine, {
      activity_logs: [{ action: 'a' }, ...far, { action: 'b', uid: uidOf('activity_logs', { action: 'a' }) }],
    })
    expect(stderr).toBe('Error: activity_logs[301].uid: same as activity_logs[0].uid\n')
  })

  test('know what was deleted, and memberships that are over', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, {
      ...core,
      users: [{ ...anna, current_company_code: null }],
      roles: [{ name: 'Clerk' }],
      user_company_roles: [
        { user_email: anna.email, company_code: 'ACME', role_name: 'Clerk', is_default: true, is_active: false },
      ],
    })
    await rowsOf(engine, `update products set is_deleted = true where sku = 'A-1'`)
    const { stderr } = await loadData(engine, { notifications: [notification], messages: [message] })
    expect(faultsOf(stderr).slice(1)).toEqual([
      'notifications[0].company_code: is required, for ANNA@example.com has no company',
      'messages[0].record_key: no products "A-1"',
    ])
  })

  test('are listed with their paths, together with those of the other sections, and nothing is written', async ({
    engine,
  }) => {
    const before = await contents(engine)
    const file = {
      ...core,
      products: [anvil, { ...anvil, sku: 'A-3', price: '-1' }],
      notifications: [
        { ...notification, user_email: 'nobody@example.com' },
        { ...notification, company_code: 'NONE', uid: uid(7) },
        { ...notification },
        { title: 'x', colour: 'red', uid: 'x' },
      ],
      activity_logs: [
        { ...entry, entity_key: 'A-1' },
        { ...entry, uid: uid(8), entity_type: 'sessions', entity_key: 'x', company_code: 'NONE' },
        { ...entry, uid: uid(9), entity_type: 'products', entity_key: 'A-1', company_code: undefined },
        { ...entry, uid: uid(10), created_at: 'yesterday', risk_score: 101 },
        { ...entry, uid: uid(11), metadata: { a: '\ud800' } },
      ],
      messages: [
        message,
        { ...message, uid: uid(20), record_key: 'A-3' }, // that one is broken, which is said already
        { ...message, uid: uid(21), record_key: 'X' },
        { ...message, uid: uid(22), company_code: 'GTS' },
        { ...message, uid: uid(23), model_name: 'messages' },
        { ...message, uid: uid(24), body: '' },
        { ...message, uid: uid(25), parent_uid: uid(24) }, // broken as well
        { ...message, uid: uid(26), parent_uid: uid(404) },
        { ...message, uid: uid(27), parent_uid: uid(28) },
        { ...message, uid: uid(28), parent_uid: uid(27) },
        { ...message, uid: uid(29), parent_uid: uid(27) },
        { ...message },
      ],
    }
    const { code, stdout, stderr } = await loadData(engine, file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(faultsOf(stderr)).toEqual([
      'data.json has 22 faults; nothing was loaded',
      expect.stringMatching(/^products\[1\]\.price: expected a decimal/),
      'notifications[3].uid: must be a UUID',
      'notifications[3].user_email: must be an e-mail address such as jane@example.com',
      'notifications[3].colour: no such field',
      'notifications[0].user_email: no user "nobody@example.com"',
      'notifications[1].company_code: no company "NONE"',
      'notifications[2].uid: same as notifications[0].uid',
      'activity_logs[0].entity_type: is required with an entity_key',
      'activity_logs[3].created_at: must be a time such as 2026-01-31T09:30:00.000Z',
      'activity_logs[3].risk_score: must be at most 100',
      'activity_logs[4].metadata.a: has a character that cannot be stored',
      'activity_logs[1].company_code: no company "NONE"',
      'activity_logs[1].entity_type: no table "sessions" whose records have a name of their own',
      'activity_logs[2].entity_key: no products "A-1"',
      'messages[5].body: must not be empty',
      'messages[2].record_key: no products "X"',
      'messages[3].record_key: no products "A-1"',
      'messages[4].model_name: no table "messages" whose records have a name of their own',
      'messages[11].uid: same as messages[0].uid',
      `messages[7].parent_uid: no message "${uid(404)}"`,
      'messages[8].parent_uid: makes the message its own ancestor',
      'messages[9].parent_uid: makes the message its own ancestor',
    ])
    expect(await contents(engine)).toEqual(before)
  })
})

describe('no field of an item', () => {
  const load = (engine: Engine, json: string) => loadData(engine, `{"activity_logs": [{"action": "a", ${json}}]}`)

  test.for([
    [
      '"metadata": {"__proto__": {"is_superuser": true}}',
      'activity_logs[0].metadata: may not have a field called __proto__',
    ],
    ['"metadata": {"a": [{"__proto__": 1}]}', 'activity_logs[0].metadata.a[0]: may not have a field called __proto__'],
    ['"__proto__": {"success": false}', 'activity_logs[0]: may not have a field called __proto__'],
    ['"metadata": {"a\\u0000": 1}', 'activity_logs[0].metadata: has a character that cannot be stored'],
    ['"description": "\\udc00"', 'activity_logs[0].description: has a character that cannot be stored'],
    ['"created_at": "0000-01-01T00:00:00Z"', 'activity_logs[0].created_at: must be of the years 1 to 9999'],
    ['"created_at": "9999-12-31T23:59:59-01:00"', 'activity_logs[0].created_at: must be of the years 1 to 9999'],
    ['"constructor": 1', 'activity_logs[0].constructor: no such field'],
  ] as const)('can do harm: %s', async ([json, fault], { engine }) => {
    const { code, stderr } = await load(engine, json)
    expect(code).toBe(1)
    expect(faultsOf(stderr)).toContain(fault)
    expect(await rowsOf(engine, 'select * from activity_logs')).toEqual([])
  })

  test.for([
    ['1e999', '1e999'],
    ['1e-999', '1e-999'],
    ['[12345678901234567890]', '12345678901234567890'],
    ['{"a": 0.12345678901234567890}', '0.12345678901234567890'],
  ] as const)('is another number than the file has: %s', async ([json, number], { engine }) => {
    const { code, stderr } = await load(engine, `"metadata": {"n": ${json}}`)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Error: data.json: a number that cannot be kept exactly, ${number}: write it as a text (line 1, column 20)\n`,
    })
  })

  test('is changed on its way, however odd', async ({ engine }) => {
    const metadata = `{"constructor": 1, "toString": {"prototype": "x"}, "n": [1e300, 0.1, 12345678901234500000], "": "\\ud83d\\ude00 \\\\ \\" /"}`
    const { code, stderr } = await load(engine, `"metadata": ${metadata}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await rowsOf(engine, `select metadata from activity_logs where action <> 'load_data'`)).toEqual([
      { metadata: JSON.parse(metadata) },
    ])
  })
})
