import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { passwordFaults } from '../../app/core/passwords.ts'
import { SYSTEM_ROLES } from '../../app/core/permissions.ts'
import { parseDemoData } from '../../app/services/demo-data/parse.ts'
import { readDemoFile } from '../../app/services/demo-data/read.ts'

const KNOWN =
  'companies, permissions, roles, users, groups, user_company_roles, products, notifications, activity_logs, messages'
const user = { email: 'a@example.com', username: 'anna', password: 'correct horse' }
const product = { company_code: 'ACME', name: 'Anvil', sku: 'A-1', price: '9.99' }

describe('parseDemoData names each fault with its path', () => {
  test.each([
    [{ widgets: [] }, [`widgets: not a section; the sections are ${KNOWN}`]],
    [{ users: {} }, ['users: expected a list']],
    [{ companies: ['ACME'] }, ['companies[0]: must be an object']],
    [{ companies: [{ code: 'ACME' }] }, ['companies[0].name: is required']],
    [
      { companies: [{ code: ' ACME', name: '' }] },
      ['companies[0].code: must not begin or end with a space', 'companies[0].name: must not be empty'],
    ],
    [{ companies: [{ code: 'ACME', name: 'AC\0ME' }] }, ['companies[0].name: has a character that cannot be stored']],
    [
      { companies: [{ code: 'ACME', name: 'ACME', founded: 1920, boss: 'W. E.' }] },
      ['companies[0].founded: no such field', 'companies[0].boss: no such field'],
    ],
    [
      { permissions: [{ name: 'read reports' }] },
      ['permissions[0].name: must be spelt resource.action, in lower case'],
    ],
    [
      { permissions: [{ name: 'report.read', action: 'write' }] },
      ['permissions[0]: resource and action differ from the name'],
    ],
    [{ roles: [{ name: 'Boss', permissions: ['user.read', 7] }] }, ['roles[0].permissions[1]: must be a string']],
    [
      { users: [user, { ...user, email: 'anna' }] },
      ['users[1].email: must be an e-mail address such as jane@example.com'],
    ],
    [
      { users: [{ ...user, username: 'a b' }] },
      ['users[0].username: must have 3 to 50 characters, of letters, digits, "_", "." and "-"'],
    ],
    [{ users: [{ ...user, is_active: 'yes' }] }, ['users[0].is_active: must be a boolean']],
    [
      { users: [{ ...user, password: undefined, password_hash: 'secret' }] },
      ['users[0].password_hash: must be an argon2id hash in PHC format'],
    ],
    [
      { users: [{ ...user, password_hash: `$argon2id$v=19$m=19456,t=2,p=1$${'a'.repeat(22)}$${'a'.repeat(43)}` }] },
      ['users[0]: give password or password_hash, not both'],
    ],
    [
      { products: [{ ...product, metadata: { colours: ['red', '\ud800'] } }] },
      ['products[0].metadata.colours[1]: has a character that cannot be stored'],
    ],
  ])('%j', (value, faults) => {
    expect(parseDemoData(new Map(Object.entries(value))).faults).toEqual(faults)
  })

  test('and none in what is well-formed', () => {
    const sections = { _meta: { by: 'us' }, meta: 1, users: [user], products: [{ ...product, price: 9.5 }] }
    const file = parseDemoData(new Map(Object.entries(sections)))
    expect(file.faults).toEqual([])
    expect(file.items.products).toEqual([{ path: 'products[0]', item: { ...product, price: '9.5' } }])
  })

  test('either spelling of a permission is the same one', () => {
    const { items } = parseDemoData(new Map([['roles', [{ name: 'Boss', permissions: ['user:read'] }]]]))
    expect(items.roles[0]?.item.permissions).toEqual(['user.read'])
  })
})

describe('the shipped data/demo.json', async () => {
  const { items, faults } = await readDemoFile(join(import.meta.dirname, '../../data/demo.json'))

  test('has four companies, six users, seven roles, six groups and 200 products', () => {
    expect(faults).toEqual([])
    const counts = Object.entries(items).map(([section, entries]) => [section, entries.length])
    expect(Object.fromEntries(counts)).toMatchObject({ companies: 4, users: 6, roles: 7, groups: 6, products: 200 })
  })

  test('has passwords that FastVue accepts', () => {
    for (const { item } of items.users) expect(passwordFaults(item.password ?? '', item)).toEqual([])
  })

  test('makes every user a member of some company', () => {
    const members = new Set(items.user_company_roles.map(({ item }) => item.user_email))
    expect(items.users.map(({ item }) => item.email).filter((email) => !members.has(email))).toEqual([])
  })

  test('takes no name of a system role', () => {
    const system = new Set(SYSTEM_ROLES.map(({ name }) => name))
    expect(items.roles.map(({ item }) => item.name).filter((name) => system.has(name))).toEqual([])
  })
})

test('a file that changes between its two readings is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fastvue-changing-'))
  const path = join(folder, 'data.json')
  await writeFile(path, '{"activity_logs": [{"action": "one"}]}')
  const { history } = await readDemoFile(path)
  const read = () => Array.fromAsync(history.items('activity_logs'))
  expect(await read()).toEqual([[{ index: 0, value: { action: 'one' } }]])
  await writeFile(path, '{"activity_logs": [{"action": "other"}]}')
  await expect(read()).rejects.toThrow(`${path}: was changed while it was read`)
  await rm(folder, { recursive: true })
})
