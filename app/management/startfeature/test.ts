import { type Feature, isOptional, lines, referencesOf, targetsOf, valuesOf } from './feature.ts'
import { literal } from './literal.ts'

/** `tests/integration/api/invoices.test.ts` */
export function testFile(feature: Feature): string {
  const { one, many, path, resource, article, fields } = feature
  const references = referencesOf(feature)
  const unique = fields.filter((field) => field.unique)
  const required = fields.filter((field) => !isOptional(field))
  const nullable = fields.filter(({ optional }) => optional)
  const list = (names: { name: string }[]) => `[${names.map(({ name }) => literal(name)).join(', ')}]`
  return lines(
    references.length
      ? `import { ${targetsOf(feature).toSorted().join(', ')} } from '../../../app/models/index.ts'`
      : [],
    `import { bodyOf, other${valuesOf(feature).length ? ', sample' : ''} } from '../../support/attack-cases/${many.kebab}.ts'`,
    `import { type TestUser, describe, expect, test as base } from '../../support/fixtures.ts'`,
    references.length ? `import { recordOf } from '../../support/record-of.ts'` : [],
    '',
    `const PATH = '${path}'`,
    required.length ? `const REQUIRED = ${list(required)}` : [],
    nullable.length ? `const NULLABLE = ${list(nullable)}` : [],
    unique.length ? `const UNIQUE = ${list(unique)} as const` : [],
    references.length
      ? `const REFERENCES = { ${references.map(({ name, target }) => `${name}: ${target.constant}`).join(', ')} }`
      : [],
    `/** What each field refuses. */`,
    `const BAD = { ${fields.map(({ name, shape }) => `${name}: ${shape.bad}`).join(', ')}, nonsense: 1 }`,
    '',
    `const test = base.extend('bodyFor', ({ workAs }) => (user: TestUser) => workAs(user, bodyOf))`,
    `const refused = (permission: string) => ({ code: 'permission_denied', detail: \`Missing permission: ${resource}.\${permission}\` })`,
    '',
    `describe('${article} ${one.words}', () => {`,
    CREATED,
    CHANGED,
    nullable.length ? WITHOUT : [],
    DELETED,
    ELSEWHERE,
    PERMISSIONS,
    STALE,
    REFUSED,
    required.length ? NEEDED : [],
    valuesOf(feature).length ? FOUND : [],
    unique.length ? UNIQUE_TEST : [],
    references.length ? REFERENCE_TEST : [],
    `})`,
  )
}

const CREATED = `
  test('is created, says where it is, and is there', async ({ as, bodyFor, testUser, testCompany }) => {
    const body = await bodyFor(testUser)
    const reply = await as(testUser).post(PATH, body)
    expect(reply.statusCode, reply.body).toBe(201)
    expect(reply.json()).toMatchObject({ ...body, company_id: testCompany.id, created_by: testUser.id, version: 1 })
    expect(reply.headers['location']).toBe(\`/api/v1\${PATH}/\${reply.json().id}\`)
    expect((await as(testUser).get(\`\${PATH}/\${reply.json().id}\`)).json()).toEqual(reply.json())
  })`

const CHANGED = `
  test('is changed in what is given alone', async ({ as, bodyFor, testUser, adminUser }) => {
    const before = (await as(testUser).post(PATH, await bodyFor(testUser))).json()
    const labelled = await as(testUser).patch(\`\${PATH}/\${before.id}\`, { url_label: 'label' })
    expect(labelled.json()).toEqual({ ...before, url_label: 'label', version: 2, updated_at: expect.any(String) })
    const changes = { ...other, url: 'https://example.com/' }
    const changed = await as(adminUser).put(\`\${PATH}/\${before.id}\`, changes)
    expect(changed.json()).toMatchObject({ ...changes, url_label: 'label', version: 3, updated_by: adminUser.id })
  })`

const WITHOUT = `
  test.for(NULLABLE)('can do without %s', async (field, { as, bodyFor, testUser }) => {
    const { id } = (await as(testUser).post(PATH, await bodyFor(testUser))).json()
    expect((await as(testUser).patch(\`\${PATH}/\${id}\`, { [field]: null })).json()).toMatchObject({ [field]: null })
    await as(testUser).delete(\`\${PATH}/\${id}\`)
    const reply = await as(testUser).post(PATH, { ...(await bodyFor(testUser)), [field]: undefined })
    expect(reply.json()).toMatchObject({ [field]: null })
  })`

const DELETED = `
  test('is gone once deleted, for every route', async ({ as, bodyFor, testUser }) => {
    const user = as(testUser)
    const { id } = (await user.post(PATH, await bodyFor(testUser))).json()
    expect((await user.delete(\`\${PATH}/\${id}\`)).statusCode).toBe(204)
    expect((await user.get(PATH)).json()).toMatchObject({ total: 0, items: [] })
    const again = [user.get(\`\${PATH}/\${id}\`), user.put(\`\${PATH}/\${id}\`, {}), user.delete(\`\${PATH}/\${id}\`)]
    for (const reply of await Promise.all(again)) expect(reply.json()).toMatchObject({ code: 'not_found' })
  })`

const ELSEWHERE = `
  test('of another company is not there', async ({ as, bodyFor, testUser, outsider }) => {
    const record = (await as(outsider).post(PATH, await bodyFor(outsider))).json()
    const user = as(testUser)
    for (const path of [\`\${PATH}/\${record.id}\`, \`\${PATH}/999999\`])
      for (const attempt of [user.get(path), user.patch(path, { url_label: 'taken' }), user.delete(path)])
        expect((await attempt).json()).toMatchObject({ code: 'not_found' })
    expect((await user.get(PATH)).json()).toMatchObject({ total: 0, items: [] })
    expect((await as(outsider).get(\`\${PATH}/\${record.id}\`)).json()).toEqual(record)
  })`

const PERMISSIONS = `
  test('may be read, but not written, by a viewer', async ({ as, bodyFor, testUser, viewerUser }) => {
    const body = await bodyFor(testUser)
    const { id } = (await as(testUser).post(PATH, body)).json()
    const viewer = as(viewerUser)
    expect((await viewer.get(\`\${PATH}/\${id}\`)).statusCode).toBe(200)
    expect((await viewer.post(PATH, body)).json()).toMatchObject(refused('create'))
    expect((await viewer.put(\`\${PATH}/\${id}\`, {})).json()).toMatchObject(refused('update'))
    expect((await viewer.delete(\`\${PATH}/\${id}\`)).json()).toMatchObject(refused('delete'))
    expect((await viewer.post(\`\${PATH}/\${id}/restore\`)).json()).toMatchObject(refused('delete'))
    expect((await viewer.get(\`\${PATH}?deleted=true\`)).json()).toMatchObject(refused('delete'))
    expect((await as().get(PATH)).json()).toMatchObject({ code: 'not_authenticated' })
  })`

const STALE = `
  test('that has changed meanwhile is not overwritten', async ({ as, bodyFor, testUser }) => {
    const { id } = (await as(testUser).post(PATH, await bodyFor(testUser))).json()
    const change = (label: string) => as(testUser).patch(\`\${PATH}/\${id}\`, { url_label: label, version: 1 })
    expect((await change('first')).statusCode).toBe(200)
    const second = await change('second')
    expect([second.statusCode, second.json().code]).toEqual([409, 'stale_version'])
    expect((await as(testUser).get(\`\${PATH}/\${id}\`)).json()).toMatchObject({ url_label: 'first', version: 2 })
  })`

const REFUSED = `
  test.for(Object.entries(BAD))('with a bad %s is refused', async ([field, value], { as, bodyFor, testUser }) => {
    const body = await bodyFor(testUser)
    const { id } = (await as(testUser).post(PATH, body)).json()
    const attempts = [
      as(testUser).post(PATH, { ...body, [field]: value }),
      as(testUser).put(\`\${PATH}/\${id}\`, { [field]: value }),
    ]
    for (const reply of await Promise.all(attempts)) {
      expect(reply.statusCode).toBe(422)
      for (const { loc } of reply.json().detail) expect(loc.slice(0, 2)).toEqual(['body', field])
    }
  })`

const NEEDED = `
  test.for(REQUIRED)('needs %s', async (field, { as, bodyFor, testUser }) => {
    const reply = await as(testUser).post(PATH, { ...(await bodyFor(testUser)), [field]: undefined })
    expect(reply.json().detail).toMatchObject([{ loc: ['body', field], type: 'missing' }])
  })`

const FOUND = `
  test('is found by each of its values, and not by others', async ({ as, bodyFor, testUser }) => {
    const found = async (field: string, value: unknown) => {
      const query = \`\${field}=\${encodeURIComponent(String(value))}&sort=-\${field},id\`
      return (await as(testUser).get(\`\${PATH}?\${query}\`)).json().total
    }
    await as(testUser).post(PATH, await bodyFor(testUser))
    const others = new Map<string, unknown>(Object.entries(other))
    for (const [field, value] of Object.entries(sample).filter(([, it]) => typeof it !== 'object')) {
      expect([field, await found(field, value)]).toEqual([field, 1])
      if (others.get(field) !== value) expect([field, await found(field, others.get(field))]).toEqual([field, 0])
    }
  })`

const UNIQUE_TEST = `
  test.for(UNIQUE)('has %s to itself in its company', async (field, { as, bodyFor, testUser, outsider }) => {
    const { id } = (await as(testUser).post(PATH, await bodyFor(testUser))).json()
    const again = { ...(await bodyFor(testUser)), ...other, [field]: sample[field] }
    expect((await as(testUser).post(PATH, again)).json()).toMatchObject({ code: 'duplicate' })
    expect((await as(outsider).post(PATH, await bodyFor(outsider))).statusCode).toBe(201)
    await as(testUser).delete(\`\${PATH}/\${id}\`)
    expect((await as(testUser).post(PATH, again)).statusCode).toBe(201)
  })`

const REFERENCE_TEST = `
  test.for(Object.entries(REFERENCES))(
    'refers in %s to what its company sees, and to another as if it never was',
    async ([field, table], { as, bodyFor, workAs, testUser, outsider }) => {
      const caller = as(outsider)
      const body = await bodyFor(outsider)
      const created = await caller.post(PATH, body)
      expect(created.statusCode, created.body).toBe(201)
      const theirs = await workAs(testUser, (ctx) => recordOf(ctx, table))
      const same = { 'x-request-id': 'same' }
      for (const write of [
        (id: number) => caller.post(PATH, { ...body, ...other, [field]: id }, same),
        (id: number) => caller.patch(\`\${PATH}/\${created.json().id}\`, { [field]: id }, same),
      ]) {
        const reply = await write(theirs)
        expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_reference'])
        expect(reply.body).toBe((await write(theirs + 1_000_000)).body)
      }
    },
  )`
