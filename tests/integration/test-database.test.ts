import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'

const CONTENTS = `
  SELECT (SELECT jsonb_agg(c ORDER BY id) FROM companies c) AS companies, (SELECT jsonb_agg(u ORDER BY id) FROM users u) AS users,
    (SELECT count(*) FROM role_permissions) AS grants, (SELECT count(*) FROM products) AS products`
const ADD = `INSERT INTO products (company_id, name, sku, price) SELECT min(id), 'Lamp', 'LAMP', 1 FROM companies RETURNING id`

describe('a test’s database', () => {
  test('is put back as it was, whatever was added, changed or deleted', async ({ engine, database }) => {
    const before = await rowsOf(engine, CONTENTS)
    await rowsOf(engine, ADD)
    await rowsOf(engine, `UPDATE users SET full_name = 'Somebody else'`)
    await rowsOf(engine, `DELETE FROM companies`)
    await rowsOf(engine, `TRUNCATE roles CASCADE`)
    await database.restore()
    expect(await rowsOf(engine, CONTENTS)).toEqual(before)
  })

  test('counts companies from the same number again', async ({ engine, database }) => {
    const found = `INSERT INTO companies (name, code) VALUES ('New', 'NEW') RETURNING id`
    const first = await rowsOf(engine, found)
    await database.restore()
    expect(await rowsOf(engine, found)).toEqual(first)
  })

  test('has its checks and triggers on', async ({ engine, database }) => {
    await rowsOf(engine, ADD)
    await database.restore()
    const orphan = rowsOf(engine, `INSERT INTO products (company_id, name, sku, price) VALUES (0, 'Lamp', 'LAMP', 1)`)
    await expect(orphan).rejects.toThrow('foreign key')
  })

  test('has people who can log in, each in the company and role of their name', async ({
    as,
    adminUser,
    outsider,
    stranger,
  }) => {
    const companies = async (user: typeof adminUser) => (await as(user).get('/auth/me')).json().current_company_id
    expect(await companies(adminUser)).toBe(adminUser.company_id)
    expect(await companies(outsider)).not.toBe(adminUser.company_id)
    expect(await companies(stranger)).toBeNull()
  })
})
