import { desc, eq } from 'drizzle-orm'
import { activityLogs, userCompanyRoles, users } from '../../app/models/index.ts'
import { createSuperuser, setPassword, setSuperuser } from '../../app/services/user-admin.ts'
import { countingEngine } from '../support/counting-engine.ts'
import { PASSWORD, describe, expect, test as base } from '../support/fixtures.ts'
import { ownApp } from '../support/own-app.ts'
import { addMember, newUser } from '../support/people.ts'
import { codeOf, logInWith, turnOn, wrongCodeOf } from '../support/two-factor.ts'
import { Authenticator } from '../support/authenticator.ts'
import { type Caller, bearer, logIn } from '../support/caller.ts'

/** Every entry, the newest first, as trusted work sees it. */
const test = base.extend('logs', ({ trusted }) => () => {
  return trusted(({ db }) => db.select().from(activityLogs).orderBy(desc(activityLogs.id)))
})
const wrong = { username: 'manager', password: 'wrong' }
const unknownPasskey = async (caller: Caller, authenticator: Authenticator) =>
  authenticator.get((await caller.post('/auth/passkeys/login/options')).json<{ challenge: string }>(), {
    userHandle: 'AAAA',
  })
const agent = { 'user-agent': 'Browser 1' }

describe('a log-in', () => {
  test('is told in the company that it enters, with address, agent, request and session', async ({
    as,
    logs,
    testUser,
    testCompany,
  }) => {
    const more = { ...agent, 'x-request-id': 'request-1' }
    await as().post('/auth/login', { username: 'manager', password: PASSWORD }, more)
    expect(await logs()).toMatchObject([
      {
        action: 'login',
        category: 'authentication',
        company_id: testCompany.id,
        user_id: testUser.id,
        entity_name: 'The manager',
        ip_address: '127.0.0.1',
        user_agent: 'Browser 1',
        session_id: expect.stringMatching(/^[\da-f-]{36}$/),
        request_id: expect.any(String),
        metadata: { method: 'password' },
      },
    ])
  })

  test('of somebody in two companies is told in one, and entering the other in the other', async ({
    as,
    logs,
    trusted,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    await addMember(trusted, testUser, otherCompany, 'viewer')
    const { access_token } = await logIn(as())
    await as().post('/auth/switch-company', { company_id: otherCompany.id }, bearer(access_token))
    const told = (await logs()).map(({ action, company_id }) => [action, company_id])
    expect(told).toEqual([
      ['switch_company', otherCompany.id],
      ['login', testCompany.id],
    ])
  })

  test('that failed is told to no company, and nothing that was typed is kept', async ({ as, logs, testUser }) => {
    await as().post('/auth/login', wrong, agent)
    await as().post('/auth/login', { username: 'My secret pass phrase', password: 'x' }, agent)
    const all = await logs()
    const failed = {
      action: 'login_failed',
      level: 'warning',
      success: false,
      company_id: null,
      ip_address: '127.0.0.1',
    }
    expect(all).toMatchObject([
      { ...failed, user_id: null, entity_id: null },
      { ...failed, user_id: testUser.id, entity_id: testUser.id },
    ])
    expect(JSON.stringify(all)).not.toMatch(/pass phrase|wrong/i)
  })

  test('that failed costs a known name and an unknown one the same statements', async ({ engine, settings }) => {
    const counting = countingEngine(engine)
    await using own = await ownApp({ engine: counting.engine, settings })
    const cost = async (username: string) => {
      const before = counting.count()
      await own.app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: { username, password: 'wrong' } })
      return counting.count() - before
    }
    await cost('warm-up')
    expect(await cost('nobody')).toBe(await cost('manager'))
  })

  test('locks at the fifth failure, which is told once; a later success is suspicious to nobody but superusers', async ({
    as,
    logs,
    trusted,
    testUser,
    testCompany,
  }) => {
    for (let n = 0; n < 6; n++) await as().post('/auth/login', wrong)
    const locked = (await logs()).filter(({ action }) => action === 'account_locked')
    expect(locked).toMatchObject([{ company_id: null, is_suspicious: true, user_id: testUser.id }])
    expect(locked[0]!.risk_reasons).toContain('account_locked')
    await trusted(({ db }) => db.update(users).set({ locked_until: null }).where(eq(users.id, testUser.id)))
    await as().post('/auth/login', { username: 'manager', password: PASSWORD })
    const entries = (await logs()).filter(({ action }) => action === 'login')
    const alarm = entries.find(({ company_id }) => company_id === null)
    expect(alarm).toMatchObject({ metadata: { failures: 6 } })
    expect(alarm!.risk_reasons).toContain('failures_before_success') // and `night`, where it is
    const told = entries.find(({ company_id }) => company_id === testCompany.id)
    expect(told!.risk_reasons).not.toContain('failures_before_success')
    expect(JSON.stringify(told)).not.toContain('failures')
  })
})

describe('what people do with their accounts', () => {
  test('is told where they do it: log-out, password, keys', async ({ as, logs, testUser, testCompany }) => {
    const caller = as(testUser)
    const key = await caller.post('/auth/api-keys', { name: 'CI', permissions: ['product.read'] })
    await caller.delete(`/auth/api-keys/${key.json().id}`)
    await caller.post('/auth/change-password', { current_password: PASSWORD, new_password: 'another long password' })
    const told = await logs()
    expect(told.map(({ action }) => action)).toEqual([
      'login',
      'password_changed',
      'api_key_removed',
      'api_key_created',
    ])
    for (const entry of told)
      expect(entry).toMatchObject({ user_id: testUser.id, company_id: testCompany.id, ip_address: '127.0.0.1' })
    expect(told[3]).toMatchObject({
      entity_name: 'CI',
      metadata: { permissions: ['product.read'] },
      session_id: expect.any(String),
    })
    expect(JSON.stringify(told)).not.toContain(key.json().key)
  })

  test('logging out is told, and everywhere in each company that a session is in', async ({
    as,
    logs,
    viewerUser,
    outsider,
    trusted,
    testCompany,
    otherCompany,
  }) => {
    expect((await as(viewerUser).post('/auth/logout')).statusCode).toBe(204)
    expect(await logs()).toMatchObject([{ action: 'logout', company_id: testCompany.id, user_id: viewerUser.id }])
    await addMember(trusted, outsider, testCompany, 'viewer')
    await as().post('/auth/login', { username: 'outsider', password: PASSWORD })
    await as(outsider).post('/auth/logout-all')
    expect((await logs()).slice(0, 2)).toMatchObject([
      { action: 'logout_all', company_id: otherCompany.id },
      { action: 'login' },
    ])
  })

  test('second factors and passkeys are told when they come and go, codes that were wrong to no company', async ({
    as,
    logs,
    testUser,
    testCompany,
  }) => {
    const caller = as(testUser)
    const { secret, backup_codes } = await turnOn(caller)
    expect((await logInWith(as(), 'manager', { two_factor_code: wrongCodeOf(secret) })).statusCode).toBe(401)
    await caller.post('/auth/2fa/backup-codes', { password: PASSWORD, code: backup_codes[0] })
    expect((await logInWith(as(), 'manager', { two_factor_code: codeOf(secret, 1) })).statusCode).toBe(200)
    const authenticator = new Authenticator()
    const told = await logs()
    expect(told.map(({ action, company_id }) => [action, company_id])).toEqual([
      ['login', testCompany.id],
      ['backup_codes_renewed', testCompany.id],
      ['two_factor_failed', null],
      ['two_factor_enabled', testCompany.id],
    ])
    expect(JSON.stringify(told)).not.toContain(secret)
    const refused = await as().post('/auth/passkeys/login/verify', {
      credential: await unknownPasskey(as(), authenticator),
    })
    expect(refused.statusCode).toBe(401)
    expect((await logs())[0]).toMatchObject({ action: 'login_failed', user_id: null, company_id: null })
  })

  test('a password that was reset by a link is told to no company', async ({ as, logs, mailsTo, testUser }) => {
    await as().post('/auth/forgot-password', { email: testUser.email })
    const [mail] = await mailsTo(testUser.email)
    await as().post('/auth/reset-password', { token: mail?.token, new_password: 'another long password' })
    const told = await logs()
    expect(told).toMatchObject([{ action: 'password_reset', company_id: null, user_id: testUser.id }])
    expect(JSON.stringify(told)).not.toContain(mail?.token)
  })

  test('a refresh token that comes twice is told in the company of its session', async ({ as, logs, testCompany }) => {
    const { refresh_token } = await logIn(as())
    for (const status of [200, 401])
      expect((await as().post('/auth/refresh', { refresh_token })).statusCode).toBe(status)
    expect((await logs())[0]).toMatchObject({
      action: 'refresh_token_reused',
      company_id: testCompany.id,
      success: false,
    })
  })

  test('a wrong password in a session is told to no company', async ({ as, logs, testUser }) => {
    const body = { current_password: 'wrong', new_password: 'another long password' }
    await as(testUser).post('/auth/change-password', body)
    expect(await logs()).toMatchObject([
      { action: 'reauthentication_failed', company_id: null, user_id: testUser.id, success: false },
    ])
  })
})

describe('changes of people and rights', () => {
  test('users: made, changed, deleted and brought back, without their passwords', async ({
    as,
    logs,
    adminUser,
    testCompany,
  }) => {
    const { id } = (await as(adminUser).post('/users', newUser)).json()
    await as(adminUser).patch(`/users/${id}`, { full_name: 'Nina' })
    await as(adminUser).delete(`/users/${id}`)
    await as(adminUser).post(`/users/${id}/restore`)
    const told = await logs()
    const about = { category: 'user_management', entity_type: 'users', entity_id: id, company_id: testCompany.id }
    expect(told).toMatchObject([
      { ...about, action: 'restore' },
      { ...about, action: 'delete' },
      { ...about, action: 'update', old_values: { full_name: null }, new_values: { full_name: 'Nina' } },
      { ...about, action: 'create', new_values: { email: newUser.email, username: 'nina' }, user_id: adminUser.id },
    ])
    expect(JSON.stringify(told)).not.toContain(newUser.password)
  })

  test('roles, groups and memberships, with what they grant', async ({
    as,
    logs,
    adminUser,
    viewerUser,
    testCompany,
  }) => {
    const caller = as(adminUser)
    const role = (await caller.post('/roles', { name: 'Packer', permissions: ['product.read'] })).json()
    await caller.put(`/roles/${role.id}/permissions`, { permissions: ['product.update'] })
    const group = (await caller.post('/groups', { name: 'Night' })).json()
    await caller.put(`/groups/${group.id}/users`, { user_ids: [viewerUser.id] })
    await caller.post(`/users/${viewerUser.id}/companies`, { company_id: testCompany.id, role_id: role.id })
    await caller.delete(`/groups/${group.id}`)
    expect(await logs()).toMatchObject([
      { action: 'delete', entity_type: 'groups', old_values: { user_ids: [viewerUser.id] } },
      { action: 'assign_role', entity_type: 'users', entity_id: viewerUser.id, metadata: { role: 'Packer' } },
      {
        action: 'update',
        entity_type: 'groups',
        old_values: { user_ids: [] },
        new_values: { user_ids: [viewerUser.id] },
      },
      { action: 'create', entity_type: 'groups' },
      {
        action: 'update',
        entity_type: 'roles',
        old_values: { permissions: ['product.read'] },
        new_values: { permissions: ['product.update'] },
      },
      { action: 'create', entity_type: 'roles', category: 'authorization', company_id: testCompany.id },
    ])
  })

  test('of a user elsewhere by a superuser are not told in the superuser’s company', async ({
    as,
    logs,
    superuser,
    outsider,
  }) => {
    await as(superuser).patch(`/users/${outsider.id}`, { full_name: 'Elsewhere' })
    expect(await logs()).toMatchObject([{ action: 'update', entity_id: outsider.id, company_id: null }])
  })

  test('who becomes a superuser, by request and by command, is told to no company', async ({
    as,
    logs,
    superuser,
    testUser,
    engine,
    settings,
  }) => {
    await as(superuser).patch(`/users/${testUser.id}`, { is_superuser: true })
    const person = { username: 'root', email: 'root@example.com', password: 'a long enough password' }
    await createSuperuser(engine, settings, person)
    await setSuperuser(engine, settings, { ...testUser, is_superuser: true }, false)
    await setPassword(engine, settings, testUser, 'another long password')
    const told = (await logs()).map(({ action, category, company_id }) => [action, category, company_id])
    expect(told).toEqual([
      ['password_changed', 'authentication', null],
      ['demote_superuser', 'authorization', null],
      ['promote_superuser', 'authorization', null],
      ['promote_superuser', 'authorization', null],
    ])
  })

  test('a company’s are told in itself, and its end in none', async ({ as, logs, superuser }) => {
    const { id } = (await as(superuser).post('/companies', { name: 'New', code: 'NEW' })).json()
    await as(superuser).patch(`/companies/${id}`, { city: 'Oslo' })
    expect(await logs()).toMatchObject([
      { action: 'update', company_id: id, old_values: { city: null }, new_values: { city: 'Oslo' } },
      { action: 'create', company_id: id },
    ])
    expect((await as(superuser).delete(`/companies/${id}`)).statusCode).toBe(204)
    expect(await logs()).toMatchObject([
      { action: 'delete', company_id: null, entity_type: 'companies', entity_id: id },
    ])
  })

  test('that are refused are not told', async ({
    as,
    logs,
    viewerUser,
    adminUser,
    superuser,
    trusted,
    otherCompany,
  }) => {
    expect((await as(viewerUser).post('/roles', { name: 'x' })).statusCode).toBe(403)
    expect((await as(adminUser).patch(`/users/${superuser.id}`, { full_name: 'x' })).statusCode).toBe(403)
    await addMember(trusted, viewerUser, otherCompany, 'viewer')
    expect((await as(adminUser).delete(`/users/${viewerUser.id}`)).statusCode).toBe(403)
    expect(await logs()).toEqual([])
    expect(await trusted(({ db }) => db.$count(userCompanyRoles))).toBeGreaterThan(0)
  })
})
