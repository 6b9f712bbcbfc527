import { newProduct } from '../../support/caller.ts'
import { PASSWORD, describe, expect, test } from '../../support/fixtures.ts'

type Told = { loc: (string | number)[]; msg: string; type: string }
const told = (detail: Told[]) => detail.map(({ loc, type }) => [loc.slice(1).join('.'), type])

describe('a body', () => {
  test('with many faults is told them all at once', async ({ as, testUser }) => {
    const body = {
      name: '',
      price: -1,
      description: 5,
      is_active: 'yes',
      metadata: [],
      url: 'javascript:alert(1)',
      nope: 1,
      more: 2,
    }
    const reply = await as(testUser).post('/products', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json()).toMatchObject({ code: 'validation_error', request_id: reply.headers['x-request-id'] })
    const found = Object.fromEntries(told(reply.json().detail))
    expect(Object.keys(found).toSorted()).toEqual(
      ['description', 'is_active', 'metadata', 'more', 'name', 'nope', 'price', 'sku', 'url'].toSorted(),
    )
    expect(found).toMatchObject({ sku: 'missing', nope: 'extra_forbidden', more: 'extra_forbidden', name: 'too_small' })
    for (const fault of reply.json().detail)
      expect(fault).toEqual({ loc: ['body', expect.any(String)], msg: expect.any(String), type: expect.any(String) })
  })

  test('without what it needs is told so, whatever kind of value that is', async ({ as, testUser }) => {
    const faults = told((await as(testUser).post('/products', {})).json().detail)
    expect(faults).toEqual(['name', 'sku', 'price'].map((field) => [field, 'missing']))
    const nulls = told((await as(testUser).post('/products', { ...newProduct, price: null })).json().detail)
    expect(nulls).toEqual([['price', 'invalid_union']])
  })

  const PRICES: [unknown, string | undefined][] = [
    ['99.99', '99.99'],
    [99.99, '99.99'],
    [0, '0.00'],
    [-0, '0.00'],
    ['1', '1.00'],
    ['99999999.99', '99999999.99'],
    [0.1 + 0.2, undefined],
    [-1, undefined],
    ['-1', undefined],
    ['1e3', undefined],
    [1e21, undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['', undefined],
    [' 1', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['1,5', undefined],
    ['١٢', undefined],
    ['1.001', undefined],
    ['100000000', undefined],
    [true, undefined],
    [null, undefined],
    [['1'], undefined],
  ]
  test.for(PRICES)('with the price %j is worth %s', async ([price, kept], { as, testUser }) => {
    const reply = await as(testUser).post('/products', { ...newProduct, price })
    if (kept === undefined) {
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toMatchObject([{ loc: ['body', 'price'] }])
    } else expect(reply.json()).toMatchObject({ price: kept })
  })

  const STAMPS = ['id', 'company', 'created_by', 'created_at', 'updated_by', 'is_deleted', 'deleted_at', 'version']
  test.for(STAMPS)('cannot set %s of a new product', async (field, { as, testUser }) => {
    const reply = await as(testUser).post('/products', { ...newProduct, [field]: 1 })
    expect(told(reply.json().detail)).toEqual([[field, 'extra_forbidden']])
  })

  test('cannot move a product to a company', async ({ as, testUser, testCompany }) => {
    const { id } = (await as(testUser).post('/products', newProduct)).json()
    const reply = await as(testUser).put(`/products/${id}`, { company_id: testCompany.id })
    expect(told(reply.json().detail)).toEqual([['company_id', 'extra_forbidden']])
  })

  const UNSTORABLE: [string, string, string][] = [
    ['NUL in a text', String.raw`{"name":"a\u0000b","sku":"A","price":"1"}`, 'name'],
    [
      'NUL in a key of metadata',
      String.raw`{"name":"a","sku":"A","price":"1","metadata":{"x":{"\u0000":1}}}`,
      'metadata',
    ],
    ['half a surrogate pair', String.raw`{"name":"a\ud800","sku":"A","price":"1"}`, 'name'],
    ['half a pair in metadata', String.raw`{"name":"a","sku":"A","price":"1","metadata":{"x":["\udc00"]}}`, 'metadata'],
  ]
  test.for(UNSTORABLE)('with %s cannot be stored', async ([, body, field], { as, testUser }) => {
    const reply = await as(testUser).post('/products', body)
    expect(reply.statusCode).toBe(422)
    expect(told(reply.json().detail)).toEqual([[field, 'not_storable']])
  })

  test('keeps any other text as it is', async ({ as, testUser }) => {
    const name = '𝄞 é \u200f "\\ <script> ; DROP TABLE products; --\n\t%_'
    const reply = await as(testUser).post('/products', { ...newProduct, name, metadata: { [name]: name } })
    expect(reply.json()).toMatchObject({ name, metadata: { [name]: name } })
  })

  const nested = (levels: number) =>
    `{"name":"a","sku":"A","price":"1","metadata":${'{"x":'.repeat(levels)}1${'}'.repeat(levels)}}`
  const listed = (values: number) => `{"name":"a","sku":"A","price":"1","metadata":{"x":[${'1,'.repeat(values)}1]}}`
  const EXCESSIVE: [string, string, string][] = [
    ['51 levels', nested(50), 'json_too_deep'],
    ['100,000 levels', nested(100_000), 'json_too_deep'],
    ['levels without end', '['.repeat(100_000), 'json_too_deep'],
    ['50,001 values', listed(50_000), 'json_too_many_values'],
    ['50,001 keys', `{${'"a":1,'.repeat(25_000)}"a":1}`, 'json_too_many_values'],
  ]
  test.for(EXCESSIVE)('of %s is refused before it is read', async ([, body, type], { as, testUser }) => {
    const reply = await as(testUser).post('/products', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual([{ loc: ['body'], msg: expect.stringMatching(/50/), type }])
  })

  test.for([nested(49), listed(4000)])(
    'that is as deep or as long as may be is read',
    async (body, { as, testUser }) => {
      expect((await as(testUser).post('/products', body)).statusCode).toBe(201)
    },
  )

  test.for(['{"name": ', '{', 'nonsense'])('that is not JSON is a fault of it: %s', async (body, { as, testUser }) => {
    const reply = await as(testUser).post('/products', body)
    expect(reply.statusCode).toBe(422)
    expect(reply.json().detail).toEqual([{ loc: ['body'], msg: 'not valid JSON', type: 'json_invalid' }])
  })

  test.for([
    '{"__proto__": {"x": 1}}',
    String.raw`{"metadata": {"x": [{"\u005f_proto__": {"x": 1}}]}}`,
    '{"metadata": {"x": [{"constructor": {"prototype": {"x": 1}}}]}}',
  ])('that would change what objects are made of is refused, and told why: %s', async (body, { as, testUser }) => {
    const reply = await as(testUser).post('/products', body)
    expect(reply.statusCode).toBe(422)
    const msg = 'has a key `__proto__` or `constructor.prototype`, which is not allowed'
    expect(reply.json().detail).toEqual([{ loc: ['body'], msg, type: 'json_forbidden_key' }])
  })

  test.for(['null', '[]', '"text"', '5', ''])(
    'that is JSON but no object is a fault too: %s',
    async (body, { as, testUser }) => {
      const reply = await as(testUser).post('/products', body)
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toMatchObject([{ loc: ['body'], type: 'invalid_type' }])
    },
  )

  test.for(['null', ''])('that is not there says what is expected: %j', async (body, { as, testUser }) => {
    const reply = await as(testUser).post('/products', body)
    expect(reply.json().detail).toEqual([{ loc: ['body'], msg: 'expected a JSON object', type: 'invalid_type' }])
  })

  test.for([
    'text/plain',
    'text/html',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of type %s is refused with 415', async (type, { as, testUser }) => {
    const reply = await as(testUser).post('/products', 'name=x', { 'content-type': type })
    expect([reply.statusCode, reply.json().code]).toEqual([415, 'unsupported_media_type'])
  })

  test.for(['gzip', 'br', 'identity, gzip', 'x'])(
    'compressed as %s is refused with 415',
    async (encoding, { as, testUser }) => {
      const reply = await as(testUser).post('/products', newProduct, { 'content-encoding': encoding })
      expect([reply.statusCode, reply.json().code]).toEqual([415, 'unsupported_media_type'])
      expect((await as(testUser).post('/products', newProduct, { 'content-encoding': 'identity' })).statusCode).toBe(
        201,
      )
    },
  )

  test('that is a form has a few fields', async ({ as, testUser }) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const fields = new URLSearchParams({ username: testUser.username, password: PASSWORD }).toString()
    expect((await as().post('/auth/login', fields, form)).statusCode).toBe(200)
    const many = await as().post('/auth/login', `${fields}${'&scope='.repeat(19)}`, form)
    expect([many.statusCode, many.json().detail]).toMatchObject([422, [{ type: 'form_too_many_fields' }]])
    const long = await as().post('/auth/login', `${fields}&scope=${'x'.repeat(17_000)}`, form)
    expect([long.statusCode, long.json().code]).toEqual([413, 'body_too_large'])
  })

  test('of type application/json with a charset is read', async ({ as, testUser }) => {
    const type = { 'content-type': 'application/json; charset=utf-8' }
    expect((await as(testUser).post('/products', newProduct, type)).statusCode).toBe(201)
  })

  test('longer than a column is told by field', async ({ as, testUser }) => {
    const body = { name: 'x'.repeat(256), sku: 'x'.repeat(51), price: 1, description: 'x'.repeat(5001) }
    const faults = told((await as(testUser).post('/products', body)).json().detail)
    expect(faults).toEqual([
      ['name', 'too_big'],
      ['sku', 'too_big'],
      ['description', 'too_big'],
    ])
    const longest = { name: '𝄞'.repeat(127), sku: 'x'.repeat(50), price: 1, description: 'x'.repeat(5000) }
    expect((await as(testUser).post('/products', longest)).statusCode).toBe(201)
  })
})
