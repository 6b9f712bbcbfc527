import { PERMISSIONS, SYSTEM_ROLES } from '../../app/core/permissions.ts'
import { syncPermissions } from '../../app/services/init-db.ts'
import { openEmbedded } from '../../app/db/embedded.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { empty } from '../support/load-data.ts'
import { rowsOf } from '../support/migrations.ts'

const GRANTS = `
  select r.codename, jsonb_agg(p.name order by p.name) as permissions
  from roles r join role_permissions on role_id = r.id join permissions p on p.id = permission_id
  where is_system_role group by r.codename order by r.codename`
const EVERYTHING = `
  select (select jsonb_agg(to_jsonb(t) order by id) from companies t) as companies,
    (select jsonb_agg(to_jsonb(t) order by id) from permissions t) as permissions,
    (select jsonb_agg(to_jsonb(t) order by id) from roles t) as roles,
    (select jsonb_agg(to_jsonb(t) order by role_id, permission_id) from role_permissions t) as grants,
    (select jsonb_agg(to_jsonb(t) order by id) from users t) as users`

const expectedGrants = SYSTEM_ROLES.map(({ codename, permissions }) => ({
  codename,
  permissions: permissions.toSorted(),
})).toSorted((a, b) => (a.codename < b.codename ? -1 : 1))

describe('initdb', () => {
  test('fills in the catalogue, the system roles and a default company, and no user', async ({ engine }) => {
    await empty(engine)
    expect(await manage(['initdb'], { engine })).toMatchObject({ code: 0, stderr: '' })
    const names = await rowsOf(engine, 'select name from permissions order by id')
    expect(names).toEqual(PERMISSIONS.map(({ name }) => ({ name })))
    expect(await rowsOf(engine, GRANTS)).toEqual(expectedGrants)
    expect(await rowsOf(engine, 'select code, name from companies')).toEqual([
      { code: 'DEFAULT', name: 'Default Company' },
    ])
    expect(await rowsOf(engine, 'select * from users')).toEqual([])
  })

  test('changes nothing the second time', async ({ engine }) => {
    await manage(['initdb'], { engine })
    const before = await rowsOf(engine, EVERYTHING)
    expect(await manage(['initdb'], { engine })).toMatchObject({ code: 0 })
    expect(await rowsOf(engine, EVERYTHING)).toEqual(before)
  })

  test('--sample-data loads data/demo.json too', async ({ engine }) => {
    await empty(engine)
    const { code, stdout } = await manage(['initdb', '--sample-data', '--json'], { engine })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ initialized: true, sections: { products: { created: 200 } } })
  })

  test('on an unmigrated database says what to do', async () => {
    const engine = await openEmbedded(undefined)
    try {
      const { code, stderr } = await manage(['initdb'], { engine })
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^Error: The database \(embedded in memory\) lacks \d+ migrations?: run \.\/manage migrate\n$/,
      )
    } finally {
      await engine.close()
    }
  })
})

describe('syncPermissions', () => {
  test('takes from system roles what the catalogue no longer grants', async ({ engine, settings }) => {
    await rowsOf(
      engine,
      `insert into role_permissions select r.id, p.id from roles r, permissions p
      where r.codename = 'member' and p.name = 'user.delete'`,
    )
    await syncPermissions(engine, settings)
    expect(await rowsOf(engine, GRANTS)).toEqual(expectedGrants)
  })

  test('puts a system role and a permission right that somebody has changed', async ({ engine, settings }) => {
    await rowsOf(engine, `update roles set is_active = false, name = 'Nobody' where codename = 'viewer'`)
    await rowsOf(engine, `update permissions set is_active = false where name = 'product.read'`)
    await rowsOf(engine, `delete from role_permissions`)
    await syncPermissions(engine, settings)
    expect(await rowsOf(engine, `select name, is_active from roles where codename = 'viewer'`)).toEqual([
      { name: 'Viewer', is_active: true },
    ])
    expect(await rowsOf(engine, `select * from permissions where not is_active`)).toEqual([])
    expect(await rowsOf(engine, GRANTS)).toEqual(expectedGrants)
  })

  test('deactivates a permission and a role that left the catalogue, and deletes neither', async ({
    engine,
    settings,
  }) => {
    await rowsOf(engine, `insert into permissions (name, resource, action) values ('fax.send', 'fax', 'send')`)
    await rowsOf(engine, `insert into roles (name, codename, is_system_role) values ('Faxer', 'faxer', true)`)
    await rowsOf(
      engine,
      `insert into role_permissions select r.id, p.id from roles r, permissions p
      where r.codename = 'faxer' and p.name = 'fax.send'`,
    )
    await syncPermissions(engine, settings)
    expect(await rowsOf(engine, `select is_active from permissions where name = 'fax.send'`)).toEqual([
      { is_active: false },
    ])
    expect(await rowsOf(engine, `select is_active from roles where codename = 'faxer'`)).toEqual([{ is_active: false }])
    expect(await rowsOf(engine, GRANTS)).toEqual(expectedGrants)
  })

  test('leaves alone what was made beside the catalogue', async ({ engine, settings }) => {
    await rowsOf(engine, `insert into permissions (name, resource, action) values ('report.read', 'report', 'read')`)
    await rowsOf(engine, `insert into roles (name, codename) values ('Reporter', 'reporter')`)
    await rowsOf(
      engine,
      `insert into role_permissions select r.id, p.id from roles r, permissions p
      where r.codename = 'reporter' and p.name = 'report.read'`,
    )
    await syncPermissions(engine, settings)
    expect(
      await rowsOf(
        engine,
        `select p.is_active from permissions p join role_permissions on permission_id = p.id
      where p.name = 'report.read'`,
      ),
    ).toEqual([{ is_active: true }])
  })
})
