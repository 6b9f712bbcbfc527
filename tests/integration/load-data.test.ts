import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashPassword, verifyPassword } from '../../app/core/passwords.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { GUIDE_FILE } from '../support/guide-file.ts'
import { contents, empty, loadData } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'

const DEMO = readFileSync(join(import.meta.dirname, '../../data/demo.json'), 'utf8')
const production = () => testSettings({ ENVIRONMENT: 'production' })
const anna = { email: 'anna@example.com', username: 'anna', password: 'correct horse' }
const acme = { code: 'ACME', name: 'ACME' }
const anvil = { company_code: 'ACME', name: 'Anvil', sku: 'A-1', price: '9.50' }

const sections = (stdout: string) => JSON.parse(stdout).sections

describe("the guide's own file", () => {
  test.for([['before initdb'], ['after initdb']])('loads %s', async ([when], { engine }) => {
    await empty(engine)
    if (when === 'after initdb') await manage(['initdb'], { engine })
    const { code, stderr } = await loadData(engine, GUIDE_FILE)
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Warning: users[0].password: is one of the most common passwords\n',
    })
    const members = `select u.username, c.code, r.codename, r.is_system_role, m.is_default, u.current_company_id = c.id as current, g.name as group
      from user_company_roles m join users u on u.id = m.user_id join companies c on c.id = m.company_id
      join roles r on r.id = m.role_id join user_groups on user_groups.user_id = u.id join groups g on g.id = group_id`
    expect(await rowsOf(engine, members)).toEqual([
      {
        username: 'admin',
        code: 'ACME',
        codename: 'admin',
        is_system_role: true,
        is_default: true,
        current: true,
        group: 'Engineering',
      },
    ])
    const [user] = await rowsOf(engine, 'select * from users')
    expect(await verifyPassword(String(user?.['password_hash']), 'secret123')).toBe(true)
  })

  test('is refused in production, for its password', async ({ engine }) => {
    await empty(engine)
    const { code, stderr } = await loadData(engine, GUIDE_FILE, [], production())
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error: users[0].password: is one of the most common passwords\n',
    })
    expect(await rowsOf(engine, 'select * from users')).toEqual([])
  })

  test('with --update leaves the system role as it is, and says so', async ({ engine }) => {
    await empty(engine)
    const granted = `select p.name from role_permissions join permissions p on p.id = permission_id
      join roles r on r.id = role_id where r.codename = 'admin' order by 1`
    const renamed = { ...GUIDE_FILE, companies: [{ name: 'ACME Two', code: 'ACME', is_active: true }] }
    await loadData(engine, GUIDE_FILE)
    const before = await rowsOf(engine, granted)
    const { code, stdout, stderr } = await loadData(engine, renamed, ['--update', '--json'])
    expect(code).toBe(0)
    expect(sections(stdout)).toMatchObject({ companies: { updated: 1 }, roles: { updated: 0, unchanged: 1 } })
    expect(stderr).toContain('Warning: roles[0].permissions: "Admin" is a system role, which a file cannot change')
    expect(await rowsOf(engine, granted)).toEqual(before)
    expect(await rowsOf(engine, `select name from companies where code = 'ACME'`)).toEqual([{ name: 'ACME Two' }])
  })
})

describe('loading', () => {
  test('-f is short for --file', async ({ engine }) => {
    const { code, stderr } = await manage(['load-data', '-f', 'no/such.json'], { engine })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('no/such.json') })
  })

  test('data/demo.json is the default, and prints who can log in', async ({ engine }) => {
    await empty(engine)
    const { code, stdout } = await manage(['load-data'], { engine })
    expect(code).toBe(0)
    expect(stdout).toMatch(/companies\s+│ 4\s+│ 0\s+│ 0/)
    expect(stdout).toMatch(/products\s+│ 200\s+│ 0\s+│ 0/)
    expect(stdout).toMatch(/admin\s+│ demo-admin-2026\s+│ ACME\s+│ superuser; also in DEFAULT, ACME-EAST, GTS/)
    const parents = `select child.code, parent.code as parent from companies child join companies parent on parent.id = child.parent_company_id`
    expect(await rowsOf(engine, parents)).toEqual([{ code: 'ACME-EAST', parent: 'ACME' }])
  })

  test.for([{ flags: [] }, { flags: ['--update'] }])(
    'twice with $flags changes nothing',
    async ({ flags }, { engine }) => {
      await empty(engine)
      await loadData(engine, DEMO)
      const before = await contents(engine)
      const { code, stdout } = await loadData(engine, DEMO, [...flags, '--json'])
      expect(code).toBe(0)
      for (const counts of Object.values(sections(stdout))) expect(counts).toMatchObject({ created: 0, updated: 0 })
      expect(await contents(engine)).toEqual(before)
    },
  )

  test('skips what is there already, and --update makes it follow the file', async ({ engine }) => {
    await empty(engine)
    const file = {
      companies: [acme, { code: 'EAST', name: 'East' }],
      permissions: [{ name: 'report.read' }],
      roles: [{ name: 'Reporter', permissions: ['report.read'] }],
      users: [anna],
      groups: [{ name: 'Sales', company_code: 'ACME', users: [], permissions: ['report.read'] }],
      user_company_roles: [{ user_email: anna.email, company_code: 'ACME', role_name: 'Reporter' }],
      products: [anvil],
    }
    const changed = {
      companies: [
        { code: 'acme', name: 'ACME Corp' },
        { code: 'EAST', name: 'East', parent_company_code: 'ACME' },
      ],
      permissions: [{ name: 'report.read', description: 'Read reports' }],
      roles: [{ name: 'Reporter', permissions: ['product:read'] }],
      users: [{ ...anna, email: 'Anna@example.com', password: 'another horse', full_name: 'Anna' }],
      groups: [{ name: 'Sales', company_code: 'acme', users: ['ANNA@example.com'] }],
      user_company_roles: [{ user_email: anna.email, company_code: 'acme', role_name: 'Reporter', is_default: true }],
      products: [{ ...anvil, price: 12, metadata: { colour: 'red' } }],
    }
    await loadData(engine, file)
    const before = await contents(engine)
    await loadData(engine, changed)
    expect(await contents(engine)).toEqual(before)

    const updated = await loadData(engine, changed, ['--update', '--json'])
    expect(updated.code).toBe(0)
    expect(sections(updated.stdout)).toMatchObject({
      companies: { created: 0, updated: 2, unchanged: 0 },
      permissions: { created: 0, updated: 1, unchanged: 0 },
      roles: { created: 0, updated: 1, unchanged: 0 },
      users: { created: 0, updated: 1, unchanged: 0 },
      groups: { created: 0, updated: 1, unchanged: 0 },
      user_company_roles: { created: 0, updated: 1, unchanged: 0 },
      products: { created: 0, updated: 1, unchanged: 0 },
    })
    expect(await rowsOf(engine, 'select price, metadata, version from products')).toEqual([
      { price: '12.00', metadata: { colour: 'red' }, version: 2 },
    ])
    const [user] = await rowsOf(engine, 'select * from users')
    expect(await verifyPassword(String(user?.['password_hash']), 'another horse')).toBe(true)
    const group = `select p.name, user_id from groups join group_permissions gp on gp.group_id = groups.id
      join permissions p on p.id = permission_id join user_groups ug on ug.group_id = groups.id`
    expect(await rowsOf(engine, group)).toEqual([{ name: 'report.read', user_id: user?.['id'] }])
  })

  test('a changed password ends the sessions that the old one began', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, { users: [anna] })
    await rowsOf(
      engine,
      `insert into sessions (id, user_id, refresh_hash, expires_at)
      select gen_random_uuid(), id, 'x', now() + interval '1 day' from users`,
    )
    await loadData(engine, { users: [{ ...anna, full_name: 'Anna' }] }, ['--update'])
    expect(await rowsOf(engine, 'select revoked_at from sessions')).toEqual([{ revoked_at: null }])
    await loadData(engine, { users: [{ ...anna, password: 'another horse' }] }, ['--update'])
    expect(await rowsOf(engine, 'select revoked_at from sessions')).toEqual([{ revoked_at: expect.any(String) }])
  })

  test('takes a password hash as it is', async ({ engine }) => {
    await empty(engine)
    const password_hash = await hashPassword('correct horse')
    await loadData(engine, { users: [{ ...anna, password: undefined, password_hash }] })
    expect(await rowsOf(engine, 'select password_hash from users')).toEqual([{ password_hash }])
  })

  test('refers to rows of the database and to the system roles', async ({ engine, testCompany, viewerUser }) => {
    const { code } = await loadData(engine, {
      groups: [{ name: 'Sales', company_code: testCompany.code.toLowerCase(), users: [viewerUser.email] }],
      user_company_roles: [{ user_email: viewerUser.email, company_code: 'OTHER', role_name: 'Editor' }],
    })
    expect(code).toBe(0)
  })

  test("a company's own role comes before everybody's of that name", async ({ engine }) => {
    await empty(engine)
    await loadData(engine, {
      companies: [acme, { code: 'GTS', name: 'GTS' }],
      roles: [{ name: 'Clerk' }, { name: 'Clerk', company_code: 'GTS', codename: 'gts_clerk' }],
      users: [anna],
      user_company_roles: ['ACME', 'GTS'].map((company_code) => ({
        user_email: anna.email,
        company_code,
        role_name: 'Clerk',
      })),
    })
    const roles = `select c.code, r.codename from user_company_roles m join roles r on r.id = role_id
      join companies c on c.id = m.company_id order by c.code`
    expect(await rowsOf(engine, roles)).toEqual([
      { code: 'ACME', codename: 'clerk' },
      { code: 'GTS', codename: 'gts_clerk' },
    ])
  })

  test('prints no password in production', async ({ engine }) => {
    await empty(engine)
    const { code, stdout } = await loadData(engine, DEMO, ['--json'], production())
    expect({ code, log_ins: JSON.parse(stdout).log_ins }).toEqual({ code: 0, log_ins: [] })
  })

  test('--dry-run says what it would do and keeps nothing', async ({ engine }) => {
    const before = await contents(engine)
    const { code, stdout } = await loadData(engine, { companies: [acme], products: [anvil] }, [
      '--dry-run',
      '--clear',
      '--json',
    ])
    expect({ code, ...sections(stdout) }).toMatchObject({ code: 0, products: { created: 1 } })
    expect(await contents(engine)).toEqual(before)
  })

  test('created_at is that of the file, and without --update stays what it was', async ({ engine }) => {
    await empty(engine)
    const at = (created_at: string) => ({
      companies: [{ ...acme, created_at }],
      roles: [{ name: 'Clerk', created_at }],
      users: [{ ...anna, created_at }],
      groups: [{ name: 'Sales', company_code: 'ACME', created_at }],
      user_company_roles: [{ user_email: anna.email, company_code: 'ACME', role_name: 'Clerk', created_at }],
      products: [{ ...anvil, created_at }],
    })
    const stored = async () => {
      const tables = Object.keys(at('')).map(
        (table) => `select created_at from ${table}${table === 'roles' ? ` where name = 'Clerk'` : ''}`,
      )
      return (await rowsOf(engine, tables.join(' union all '))).map(({ created_at }) => created_at)
    }
    await loadData(engine, at('2001-02-03T04:05:06.789+00:30'))
    expect(await stored()).toEqual(Array(6).fill('2001-02-03T03:35:06.789Z'))
    await loadData(engine, at('2002-02-02T00:00:00Z'))
    expect(await stored()).toEqual(Array(6).fill('2001-02-03T03:35:06.789Z'))
    await loadData(engine, at('2002-02-02T00:00:00Z'), ['--update'])
    expect(await stored()).toEqual(Array(6).fill('2002-02-02T00:00:00.000Z'))
  })

  test('at once with another load waits for it, and has nothing to change', async ({ engine }) => {
    const file = { activity_logs: Array.from({ length: 2000 }, () => ({ action: 'a' })) }
    const both = await Promise.all([loadData(engine, file, ['--json']), loadData(engine, file, ['--json'])])
    const created = both.map(({ stdout }) => sections(stdout).activity_logs.created)
    expect(created.sort((a, b) => a - b)).toEqual([0, 2000])
    expect(await rowsOf(engine, `select count(*) as count from activity_logs where action <> 'load_data'`)).toEqual([
      { count: 2000 },
    ])
  })

  test.runIf(SERVER_URL)('takes its turn before it reads anything', async ({ engine }) => {
    const other = await engine.connect()
    await other.script(`begin; select pg_advisory_xact_lock(hashtextextended('load-data', 0))`)
    const loading = loadData(engine, { companies: [acme] })
    const waiting = `select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`
    await expect.poll(async () => (await rowsOf(engine, waiting))[0]?.['waiting'], { timeout: 60_000 }).toBe(1)
    await other.script('commit')
    other.release()
    expect((await loading).code).toBe(0)
  })

  test('may take longer than a request', async ({ engine, onTestFinished }) => {
    onTestFinished(() => rowsOf(engine, 'drop function if exists timeout_of_load cascade').then(() => {}))
    await rowsOf(
      engine,
      `create function timeout_of_load() returns trigger language plpgsql as $$
       begin new.description := current_setting('statement_timeout'); return new; end $$`,
    )
    await rowsOf(
      engine,
      'create trigger t before insert on activity_logs for each row execute function timeout_of_load()',
    )
    await loadData(engine, { activity_logs: [{ action: 'a' }] })
    expect(await rowsOf(engine, `select description from activity_logs where action <> 'load_data'`)).toEqual([
      { description: '0' },
    ])
  })

  test('takes more products than one statement can', async ({ engine }) => {
    await empty(engine)
    const many = Array.from({ length: 1200 }, (_, index) => ({ ...anvil, sku: `A-${index}` }))
    const { code, stdout } = await loadData(engine, { companies: [acme], products: many }, ['--json'])
    expect({ code, ...sections(stdout) }).toMatchObject({ code: 0, products: { created: 1200 } })
    expect(await rowsOf(engine, 'select count(*) as count from products')).toEqual([{ count: 1200 }])
  })
})

describe('a file with faults', () => {
  test('has what requests may not have, told in the same words', async ({ engine }) => {
    const metadata = { a: 'x'.repeat(10_000) }
    const message = { company_code: 'ACME', model_name: 'products', record_key: 'ANV-1', body: 'x' }
    const { code, stderr } = await loadData(engine, {
      companies: [{ name: 'ACME', code: 'ACME' }],
      products: [{ company_code: 'ACME', name: 'Anvil', sku: 'ANV-1', price: '1', metadata }],
      messages: [
        { ...message, metadata },
        { ...message, body: '日'.repeat(17_000) },
        { ...message, body_html: '&'.repeat(10_001) },
      ],
    })
    expect(code).toBe(1)
    const short = 'text, HTML, attachments and metadata must have at most 50000 bytes together'
    expect(stderr.split('\n').map((line) => line.trim())).toEqual(
      expect.arrayContaining([
        'products[0].metadata: must have at most 10000 characters as JSON',
        'messages[0].metadata: must have at most 10000 characters as JSON',
        `messages[1]: ${short}`,
        `messages[2]: ${short}`,
      ]),
    )
  })

  test('loads nothing and has every fault listed with its path', async ({ engine }) => {
    const before = await contents(engine)
    const { code, stdout, stderr } = await loadData(engine, {
      widgets: [],
      companies: [acme, { code: 'BAD', name: 'BAD\0' }, { code: 'acme', name: 'ACME again' }],
      roles: [
        { name: 'Boss', permissions: ['user.read', 'user.fly'] },
        { name: 'King', is_system_role: true },
      ],
      users: [
        { ...anna, current_company_code: 'ACNE' },
        { ...anna, username: 'ANNA', current_company_code: 'BAD' },
        { email: 'new@example.com', username: 'admin' },
      ],
      groups: [{ name: 'Sales', company_code: 'ACNE', users: ['nobody@example.com'], permissions: ['a.b'] }],
      user_company_roles: [{ user_email: 'x@example.com', company_code: 'X', role_name: 'X' }],
      products: [anvil, anvil, { ...anvil, sku: 'A-2', price: '-1' }],
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      expect.stringMatching(/^Error: data\.json has \d+ faults; nothing was loaded$/),
      expect.stringMatching(/^widgets: not a section; the sections are companies, /),
      'companies[1].name: has a character that cannot be stored',
      expect.stringMatching(/^products\[2\]\.price: expected a decimal/),
      'companies[2].code: same as companies[0].code',
      'users[1].email: same as users[0].email',
      'users[1].username: same as users[0].username',
      'users[2].username: is that of "admin@example.com" already',
      'products[1].sku: same as products[0].sku',
      'roles[0].permissions[1]: no permission "user.fly"',
      'users[0].current_company_code: no company "ACNE"',
      'groups[0].company_code: no company "ACNE"',
      'groups[0].users[0]: no user "nobody@example.com"',
      'groups[0].permissions[0]: no permission "a.b"',
      'user_company_roles[0].user_email: no user "x@example.com"',
      'user_company_roles[0].company_code: no company "X"',
      'user_company_roles[0].role_name: no role "X"',
      'roles[1].is_system_role: there is no system role "King"',
      'users[2]: a new user needs a password or a password_hash',
    ])
    expect(await contents(engine)).toEqual(before)
  })

  test.for([
    ['{"companies": [}', /^Error: data\.json: not JSON: .*\n$/],
    ['\uFEFF{"companies": [}', /^Error: data\.json: not JSON: expected .*, found "}" \(line 1, column 17\)\n$/],
    [
      '{"companies": [\n  {"code":\n"é", nome: 1}]}',
      /^Error: data\.json: not JSON: expected a name in quotes, found "n" \(line 3, column 6\)\n$/,
    ],
    ['{"activity_logs": [\n{"action": "a"},\n{"action": "b" "c"}]}', /found "\\"" \(line 3, column 16\)\n$/],
    ['{"users": [], "users": []}', /^Error: data\.json: "users" is there for the second time \(line 1, column 15\)\n$/],
    ['{"users": []', /, and the file ends|the file ends \(line 1, column 13\)\n$/],
    ['{"users": []} ,', /^Error: data\.json: not JSON: expected nothing more, found "," \(line 1, column 15\)\n$/],
    ['{"__proto__": [], "toString": []}', /\n {2}__proto__: not a section; .*\n {2}toString: not a section; .*\n$/],
    ['[]', /^Error: data\.json: expected an object with a list per section \(line 1, column 1\)\n$/],
    ['', /^Error: data\.json: not JSON: .*\n$/],
  ] as const)('%j is one clear line', async ([content, line], { engine }) => {
    const { code, stderr } = await loadData(engine, content)
    expect(code).toBe(1)
    expect(stderr).toMatch(line)
  })

  test.for(['.', '/dev/null'])('that is none (%s) is one clear line', async (path, { engine }) => {
    const { code, stderr } = await manage(['load-data', '--file', path], { engine })
    expect({ code, stderr }).toEqual({ code: 1, stderr: `Error: ${path}: not a file, but a folder or a pipe\n` })
  })

  test('with more than anybody reads has the first 200 listed and all counted', async ({ engine }) => {
    const companies = Array.from({ length: 150 }, (_, n) => ({ code: `C${n}` }))
    const messages = Array.from({ length: 3000 }, (_, n) => ({
      company_code: `C${n}`,
      model_name: 'products',
      record_key: 'x',
    }))
    const { stderr } = await loadData(engine, { companies, messages })
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toBe('Error: data.json has 3150 faults; nothing was loaded')
    expect(lines.slice(150, 152)).toEqual(['  companies[149].name: is required', '  messages[0].body: is required'])
    expect([lines.length, lines.at(-1)]).toEqual([202, '  … and 2950 more'])
  })

  test('that is not there is one clear line', async ({ engine }) => {
    const { code, stderr } = await manage(['load-data', '--file', 'nowhere.json'], { engine })
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: nowhere.json: no such file\n' })
  })

  test('makes no company its own ancestor, by way of the database either', async ({ engine }) => {
    await empty(engine)
    await loadData(engine, { companies: [acme, { code: 'EAST', name: 'East', parent_company_code: 'ACME' }] })
    const { stderr } = await loadData(engine, { companies: [{ ...acme, parent_company_code: 'EAST' }] }, ['--update'])
    expect(stderr).toBe('Error: companies[0].parent_company_code: makes "ACME" its own ancestor\n')
  })

  test('takes no codename of another role', async ({ engine }) => {
    await empty(engine)
    const { stderr } = await loadData(engine, {
      roles: [{ name: 'Boss', codename: 'editor' }, { name: 'super  admin' }],
    })
    expect(stderr).toContain('roles[0].codename: is that of "Editor" already')
    expect(stderr).toContain('roles[1].codename: is that of "Super Admin" already')
  })
})

describe('--clear', () => {
  const file = { companies: [acme] }

  test('empties the sections first, and leaves the catalogue in place', async ({ engine }) => {
    const { code } = await loadData(engine, file, ['--clear', '--force'])
    expect(code).toBe(0)
    expect(await rowsOf(engine, 'select code from companies')).toEqual([{ code: 'ACME' }])
    expect(await rowsOf(engine, 'select * from users')).toEqual([])
    expect(await rowsOf(engine, 'select count(*) > 0 as there from role_permissions')).toEqual([{ there: true }])
  })

  test('empties nothing when the file has a fault', async ({ engine }) => {
    const before = await contents(engine)
    expect(await loadData(engine, { companies: [acme, acme] }, ['--clear', '--force'])).toMatchObject({ code: 1 })
    expect(await contents(engine)).toEqual(before)
  })

  const uid = '00000000-0000-4000-8000-000000000001'
  const history = {
    companies: [acme],
    users: [{ ...anna, current_company_code: 'ACME' }],
    products: [anvil],
    notifications: [{ user_email: anna.email, title: 'Hello' }],
    activity_logs: [{ action: 'a' }, { action: 'a', company_code: 'ACME' }],
    messages: [undefined, uid].map((parent_uid) => ({
      uid: parent_uid ? undefined : uid,
      parent_uid,
      company_code: 'ACME',
      model_name: 'products',
      record_key: 'A-1',
      body: 'Hi',
    })),
  }

  test('empties history too, and takes along what belongs to users and nobody else', async ({ engine }) => {
    await loadData(engine, history)
    const owners = `from users u, companies c where u.username = 'anna' and c.code = 'ACME'`
    for (const statement of [
      `insert into sessions (id, user_id, refresh_hash, expires_at) select gen_random_uuid(), u.id, 'x', now() ${owners}`,
      `insert into api_keys (user_id, company_id, name, key_hash, permissions) select u.id, c.id, 'x', 'x', '[]' ${owners}`,
      `insert into totp_secrets (user_id, secret) select u.id, 'x' ${owners}`,
      `insert into backup_codes (user_id, code_hash) select u.id, 'x' ${owners}`,
      `insert into passkeys (user_id, name, credential_id, public_key, counter) select u.id, 'x', 'x', 'x', 0 ${owners}`,
      `insert into oauth_accounts (user_id, provider, subject, email) select u.id, 'x', 'x', 'x' ${owners}`,
      `insert into one_time_tokens (token_hash, purpose, user_id, expires_at) select 'x', 'x', u.id, now() ${owners}`,
      `insert into idempotency_keys (user_id, company_id, key, request_hash) select u.id, c.id, 'x', 'x' ${owners}`,
    ])
      await rowsOf(engine, statement)
    const { code, stdout } = await loadData(engine, { ...file, activity_logs: [{ action: 'b' }] }, [
      '--clear',
      '--force',
      '--json',
    ])
    expect({ code, ...sections(stdout) }).toMatchObject({
      code: 0,
      companies: { created: 1, unchanged: 0 },
      activity_logs: { created: 1 },
    })
    const left = `select (select count(*) from messages) + (select count(*) from notifications) + (select count(*) from products) + (select count(*) from users) as rows`
    expect(await rowsOf(engine, left)).toEqual([{ rows: 0 }])
    expect(await rowsOf(engine, `select action from activity_logs where action <> 'load_data'`)).toEqual([
      { action: 'b' },
    ])
  })

  test.for(['--force', '--dry-run'])(
    '(%s) refuses to take along what is no section, and names it',
    async (flag, { engine, onTestFinished }) => {
      await loadData(engine, history)
      const before = await contents(engine)
      onTestFinished(() => rowsOf(engine, 'drop table if exists "Odd invoices"').then(() => {}))
      await rowsOf(
        engine,
        'create table "Odd invoices" (company_id bigint not null references companies on delete cascade)',
      )
      await rowsOf(engine, 'grant all on "Odd invoices" to fastvue_system')
      await rowsOf(engine, `insert into "Odd invoices" select id from companies where code in ('ACME', 'OTHER')`)
      const refused = await loadData(engine, file, ['--clear', flag])
      expect(refused).toEqual({
        code: 1,
        stdout: '',
        stderr: 'Error: --clear would also delete what belongs to companies: "Odd invoices" has 2 rows\n',
      })
      expect(await contents(engine)).toEqual(before)

      await rowsOf(engine, 'delete from "Odd invoices"')
      expect((await loadData(engine, file, ['--clear', flag])).code).toBe(0)
    },
  )

  // The embedded database has one connection: nobody is at work there meanwhile.
  test.runIf(SERVER_URL)(
    'waits for who is adding a row to a company, and sees it',
    async ({ engine, onTestFinished }) => {
      onTestFinished(() => rowsOf(engine, 'drop table if exists invoices').then(() => {}))
      await rowsOf(engine, 'create table invoices (company_id bigint not null references companies on delete cascade)')
      await rowsOf(engine, 'grant all on invoices to fastvue_system')
      const other = await engine.connect()
      await other.script('begin; insert into invoices select min(id) from companies')
      const clearing = loadData(engine, file, ['--clear', '--force'])
      const waiting = `select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for update%'`
      await expect.poll(async () => (await rowsOf(engine, waiting))[0]?.['waiting'], { timeout: 60_000 }).toBe(1)
      await other.script('commit')
      other.release()
      expect((await clearing).stderr).toContain('invoices has 1 row')
      expect(await rowsOf(engine, 'select * from invoices')).toHaveLength(1)
    },
  )

  test.for([
    ['needs --force without a terminal', [], undefined, 'give --force'],
    ['needs more in production', ['--force'], 'production', 'needs --i-know-this-is-production'],
  ] as const)('%s', async ([, flags, environment, line], { engine }) => {
    const { code, stderr } = await loadData(engine, file, ['--clear', ...flags], environment && production())
    expect(code).toBe(1)
    expect(stderr).toContain(line)
    expect(await rowsOf(engine, `select * from companies where code = 'ACME'`)).toEqual([])
  })

  test.for([
    ['right', 0],
    ['wrong', 1],
  ] as const)("on a terminal wants the database's name: the %s one", async ([kind, code], { engine }) => {
    const [row] = await rowsOf(engine, 'select current_database() as name')
    const name = kind === 'right' ? String(row?.['name']) : 'yes'
    const result = await manage(['load-data', '--clear'], { engine, answers: [['Type the database', name]] })
    expect(result.code).toBe(code)
    expect(await rowsOf(engine, `select * from companies where code = 'OTHER'`)).toHaveLength(code)
  })
})
