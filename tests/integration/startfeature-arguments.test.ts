import { join } from 'node:path'
import { enterpriseModel } from '../../app/models/base.ts'
import { parseFeature } from '../../app/management/startfeature/parse.ts'
import { SQL_WORDS } from '../../app/management/startfeature/reserved.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'

const root = join(import.meta.dirname, '../..')
const feature = (...args: string[]) => parseFeature(args, undefined, root)

describe('the name of a feature', () => {
  test.for([
    ['Ticket', 'ticket', 'tickets', '/tickets'],
    ['SalesOrder', 'sales_order', 'sales_orders', '/sales-orders'],
    ['sales_order', 'sales_order', 'sales_orders', '/sales-orders'],
    ['sales-order', 'sales_order', 'sales_orders', '/sales-orders'],
    ['salesOrder', 'sales_order', 'sales_orders', '/sales-orders'],
    ['HTTPProxy2', 'http_proxy2', 'http_proxy2s', '/http-proxy2s'],
    ['Category', 'category', 'categories', '/categories'],
    ['Day', 'day', 'days', '/days'],
    ['Box', 'box', 'boxes', '/boxes'],
    ['Batch', 'batch', 'batches', '/batches'],
    ['Address', 'address', 'addresses', '/addresses'],
    ['Status', 'status', 'statuses', '/statuses'],
    ['Order', 'order', 'orders', '/orders'],
  ] as const)('%s makes %s.read, the table %s and the path %s', ([name, resource, table, path]) => {
    expect(feature(name, 'a:text')).toMatchObject({ resource, path, many: { snake: table } })
  })

  test('has the plural that it is told', () => {
    expect(parseFeature(['Person', 'a:text'], 'People', root)).toMatchObject({ path: '/people', resource: 'person' })
  })

  test.for([
    ['user', 2, '"user" is taken: there is table users, model users, permissions user.*, schema User, '],
    ['Company', 1, '"Company" is taken: there is table companies, '],
    ['Activity-Log', 1, '"Activity-Log" is taken: there is table activity_logs, model activityLogs'],
    ['Error', 1, '"Error" is taken: there is schema Error, tests/integration/api/errors.test.ts'],
    ['Membership', 1, '"Membership" is taken: there is schema Membership, schema MembershipCreate, '],
    ['audit', 1, '"audit" is taken: there is permissions audit.*'],
    ['Base', 1, '"Base" is taken: there is app/models/base.ts, '],
    ['Index', 1, 'is taken: there is app/models/index.ts'],
    ['Class', 2, '"Class" is a word of TypeScript; take another name'],
    ['await', 2, '"await" is a word of TypeScript; take another name'],
    ['Tickets', 2, '"Tickets" looks like a plural: give the name of one record, or its plural too, by --plural'],
    ['2x', 2, '"2x" is no name: '],
    ['', 2, '"" is no name: '],
    ['../../x', 2, '"../../x" is no name: '],
    ['Größe', 2, '"Größe" is no name: '],
    ["x'; drop table users", 2, `"x'; drop table users" is no name: `],
    ['x__y', 2, '"x__y" is no name: '],
    ['x'.repeat(30), 2, 'is too long: the table’s name has at most 30 characters'],
  ] as const)('%s is refused with exit code %i', async ([name, code, message]) => {
    const fields = code === 2 && name === 'user' ? ['a:what'] : ['a:text']
    const reply = await manage(['startfeature', '--', name, ...fields])
    expect({ code: reply.code, stdout: reply.stdout }).toEqual({ code, stdout: '' })
    expect(reply.stderr).toContain(message)
  })

  test.for(['user', 'Select', 'text', 'ticket', '..', 'x'.repeat(31)])('has no plural %s', async (plural) => {
    expect(await manage(['startfeature', 'Ticket', 'a:text', '--plural', plural])).toMatchObject({
      code: 2,
      stdout: '',
    })
  })
})

describe('the fields of a feature', () => {
  test.for([
    ['a', 'has no type: string, text, '],
    ['a:', 'has no type: '],
    [':text', 'expected name:type'],
    ['A b:text', 'expected name:type'],
    ['a`;b:text', 'expected name:type'],
    ['a__b:text', 'expected name:type'],
    ['due:dat', 'there is no type "dat"; the nearest are date, '],
    ['a:constructor', 'there is no type "constructor"'],
    ['a:decmal:1,2', 'the nearest are decimal, '],
    ['a:ref:compnies', 'no record can refer to a table "compnies"; the nearest are companies, '],
    ['a:ref:sessions', 'no record can refer to a table "sessions"'],
    ['a:ref', 'expected ref:table'],
    ['a:text:20', '"20" is no modifier: unique, optional, index, default=…, the default last; text takes no argument'],
    ['a:string:0', 'expected a length from 1 to 10000, not "0"'],
    ['a:string:1e3', 'expected a length'],
    ['a:string:10001', 'expected a length'],
    ['a:string:20:needed', '"needed" is no modifier'],
    ['a:string:unique:default=x', 'has a default, so it cannot be unique as well'],
    ['a:string:optional:default=x', 'has a default, so it cannot be optional as well'],
    ['a:string:unique:unique', 'has a modifier twice'],
    ['a:string:unique:index', 'unique is an index already'],
    ['a:string:501:unique', 'string cannot be unique with more than 500 characters'],
    ['a:text:unique', 'text cannot be unique'],
    ['a:json:index', 'json cannot be an index'],
    ['a:boolean:unique', 'boolean cannot be unique: it has two values'],
    ['a:ref:users:unique', 'ref cannot be unique'],
    ['a:decimal:', 'expected decimal:digits'],
    ['a:decimal:12', 'expected decimal:digits'],
    ['a:decimal:2,2', 'expected decimal:digits'],
    ['a:decimal:21,0', 'expected decimal:digits'],
    ['a:decimal:20,11', 'expected decimal:digits'],
    ['a:enum', 'expected enum:first|second'],
    ['a:enum:x|x', 'each value once'],
    ['a:enum:x||y', 'of 1 to 50 characters'],
    ['a:enum:x\ny|z', 'of 1 to 50 characters'],
    ['a:enum:x\u202Ey|z', 'of 1 to 50 characters'],
    ['a:enum:x\u2028y|z', 'of 1 to 50 characters'],
    [`a:enum:${'x'.repeat(51)}`, 'of 1 to 50 characters'],
    ['a:enum:x|y:default=z', '"z" is no default for enum'],
    ['a:integer:default=2147483648', 'is no default for integer'],
    ['a:bigint:default=9007199254740993', 'is no default for bigint'],
    ['a:integer:default=1;x', 'is no default for integer'],
    ['a:float:default=1e999', 'is no default for float'],
    ['a:boolean:default=yes', 'is no default for boolean'],
    ['a:date:default=2026-02-30', 'is no default for date'],
    ['a:time:default=24:00', '"24:00" is no default for time'],
    ['a:datetime:default=yesterday', 'is no default for datetime'],
    ['a:decimal:4,2:default=-1', 'is no default for decimal'],
    ['a:decimal:4,2:default=100', 'is no default for decimal'],
    ['a:string:3:default=long', 'is no default for string'],
    ['a:string:default=x\u0000', 'is no default for string'],
    ['a:url:default=javascript:alert(1)', 'is no default for url'],
    ['a:uuid:default=x', 'is no default for uuid'],
    ['select:text', 'is a word of SQL'],
    ['ctid:text', 'is a word of SQL'],
    ['class:text', 'is a word of TypeScript'],
    ['constructor:text', 'is a word of TypeScript'],
    ['page_size:integer', 'is a parameter of every list'],
    ['q:text', 'is a parameter of every list'],
    [`${'x'.repeat(50)}:text`, 'too long for the names that PostgreSQL gives with it'],
    ...Object.keys(enterpriseModel()).map((name) => [`${name}:text`, 'every feature has this column already'] as const),
  ] as const)('are not "%s"', ([field, message]) => {
    const name = field.split(':', 1)[0] ?? ''
    expect(() => feature('Ticket', field)).toThrow(message)
    expect(() => feature('Ticket', field)).toThrow(name)
  })

  test('are judged all at once, and with the name', async () => {
    const { code, stdout, stderr } = await manage([
      'startfeature',
      'user',
      'a:text',
      'a:date',
      'b:what',
      'c',
      'id:text',
    ])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Error: b:what: /),
      expect.stringMatching(/^Error: c: /),
      expect.stringMatching(/^Error: id:text: /),
      'Error: a: there are two of it',
      expect.stringMatching(/^Error: "user" is taken: /),
    ])
  })

  test('are at least one', async () => {
    const { code, stderr } = await manage(['startfeature', 'Ticket'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'Error: A feature needs a field: name:type\n' })
  })

  test('may leave out how long a string is, and how exact a decimal', () => {
    const { fields } = feature('Ticket', 'a:decimal', 'b:decimal:unique', 'c:decimal:default=0.50', 'd:string:optional')
    const money = { column: 'numeric({ precision: 12, scale: 2 })' }
    expect(fields).toMatchObject([
      { shape: money, unique: false },
      { shape: money, unique: true },
      { shape: money, default: `'0.50'` },
      { shape: { room: 255 }, optional: true },
    ])
  })

  test('may be written in any spelling', () => {
    const { fields } = feature('Ticket', 'dueOn:date', 'second-name:string:unique', 'limit_to:integer:default=-007')
    expect(fields.map(({ name }) => name)).toEqual(['due_on', 'second_name', 'limit_to'])
    expect(fields).toMatchObject([{}, { unique: true, shape: { room: 255 } }, { default: '-7' }])
  })
})

test('every word that PostgreSQL keeps for itself is refused', async ({ engine }) => {
  const connection = await engine.connect()
  const { rows } = await connection.query({ text: `select word from pg_get_keywords() where catcode in ('R', 'T')` })
  connection.release()
  expect(rows.length).toBeGreaterThan(90)
  expect(rows.map(({ word }) => String(word)).filter((word) => !SQL_WORDS.has(word))).toEqual([])
})
