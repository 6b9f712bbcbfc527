import { sql } from 'drizzle-orm'
import { activityLogs } from '../../app/models/index.ts'
import { ActivityLog, type NewActivity } from '../../app/services/activity/activity-log.ts'
import { type RISK, SUSPICIOUS } from '../../app/services/activity/risk.ts'
import { countingEngine } from '../support/counting-engine.ts'
import { PASSWORD, describe, expect, test as base } from '../support/fixtures.ts'
import { ownApp } from '../support/own-app.ts'
import { addMember } from '../support/people.ts'

const HOME = { ip_address: '192.0.2.1', user_agent: 'Firefox' }
type Past = Partial<typeof activityLogs.$inferInsert> & { count?: number; hoursAgo?: number }

const test = base
  // Entries of the test user from before, in the test company unless another is named.
  .extend('past', ({ trusted, testUser, testCompany }) => ({ count = 1, hoursAgo = 24, ...values }: Past) => {
    const created_at = new Date(Date.now() - hoursAgo * 3_600_000 - 1000).toISOString()
    const row = { company_id: testCompany.id, user_id: testUser.id, action: 'login', ...HOME, created_at, ...values }
    return trusted(({ db }) => db.insert(activityLogs).values(Array.from({ length: count }, () => row)))
  })
  // An entry of now, judged; without what the time of day adds while little is known of the user.
  .extend('judged', ({ workAs, testUser }) => async (entry: Partial<NewActivity> = {}) => {
    const row = await workAs(testUser, (ctx) => ActivityLog.create(ctx, { action: 'login', ...HOME, ...entry }))
    return { ...row, risk_reasons: row.risk_reasons.filter((reason) => reason !== 'night') }
  })

describe('the risk of an entry', () => {
  test('is small for the first of a user: there is nothing to compare with', async ({ judged }) => {
    const { risk_reasons, is_suspicious } = await judged()
    expect({ risk_reasons, is_suspicious }).toEqual({ risk_reasons: [], is_suspicious: false })
  })

  test('names no address or program new where none is known yet', async ({ past, judged }) => {
    await past({ ip_address: null, user_agent: null })
    expect((await judged()).risk_reasons).toEqual([])
  })

  test('names a new address and a new program, and both together are suspicious', async ({ past, judged }) => {
    await past({})
    expect((await judged()).risk_reasons).toEqual([])
    expect((await judged({ ip_address: '198.51.100.7' })).risk_reasons).toEqual(['new_address'])
    expect((await judged({ user_agent: 'curl' })).risk_reasons).toEqual(['new_agent'])
    const both = await judged({ ip_address: '203.0.113.9', user_agent: 'sqlmap' })
    expect(both.risk_reasons).toEqual(['new_address', 'new_agent'])
    expect(both.is_suspicious).toBe(true)
    expect(both.risk_score).toBeGreaterThanOrEqual(SUSPICIOUS)
  })

  test('names an hour in which the user never was, once their hours are known', async ({ past, judged }) => {
    await past({ count: 19, hoursAgo: 30 })
    expect((await judged()).risk_reasons).toEqual([])
    await past({ count: 1, hoursAgo: 30 })
    // The entry just made was of this hour: it is forgotten among those that are looked at.
    await past({ count: 100, hoursAgo: 30 })
    expect((await judged()).risk_reasons).toEqual(['unusual_hour'])
    await past({ count: 1, hoursAgo: 25 })
    expect((await judged()).risk_reasons).toEqual([])
  })

  test('names the night where little is known of the user', async ({ workAs, testUser }) => {
    const row = await workAs(testUser, (ctx) => ActivityLog.create(ctx, { action: 'login', ...HOME }))
    expect(row.risk_reasons).toEqual(new Date(row.created_at).getUTCHours() < 5 ? ['night'] : [])
  })

  test('names failures of the hour before a success, and forgets them after it', async ({ past, judged }) => {
    await past({ count: 2, hoursAgo: 0, success: false })
    await past({ count: 5, hoursAgo: 2, success: false })
    expect((await judged({ success: false })).risk_reasons).toEqual([])
    expect((await judged()).risk_reasons).toEqual(['failures_before_success'])
    expect((await judged()).risk_reasons).toEqual([])
  })

  test('takes what else was found, and never exceeds 100', async ({ past, judged }) => {
    await past({})
    const findings: (keyof typeof RISK)[] = ['threat', 'account_locked', 'repeated_failures']
    const { risk_score, risk_reasons, is_suspicious } = await judged({ findings })
    expect({ risk_score, is_suspicious }).toEqual({ risk_score: 100, is_suspicious: true })
    expect(risk_reasons.toSorted()).toEqual(findings.toSorted())
  })

  test('depends on nothing that another company knows', async ({
    past,
    trusted,
    as,
    testUser,
    testCompany,
    otherCompany,
  }) => {
    await addMember(trusted, testUser, otherCompany, 'viewer')
    const logIn = async () => {
      await as().post('/auth/login', { username: 'manager', password: PASSWORD }, { 'user-agent': 'Phone' })
      return trusted(async ({ db }) => {
        const rows = await db
          .select()
          .from(activityLogs)
          .where(sql`company_id = ${testCompany.id} and user_agent = 'Phone'`)
        await db.delete(activityLogs).where(sql`user_agent = 'Phone'`)
        return rows.map(({ risk_reasons, risk_score }) => ({ risk_reasons, risk_score }))
      })
    }
    await past({})
    const alone = await logIn()
    expect(alone[0]!.risk_reasons).toEqual(expect.arrayContaining(['new_address', 'new_agent']))
    // The other company knows this address and program well, and failures; and so do entries of no company.
    for (const company_id of [otherCompany.id, null]) {
      await past({ company_id, ip_address: '127.0.0.1', user_agent: 'Phone of old', count: 50 })
      await past({ company_id, ip_address: '127.0.0.1', success: false, hoursAgo: 0, count: 5 })
    }
    expect(await logIn()).toEqual(alone)
    // And the other way round: strange addresses elsewhere make nothing strange here.
    await past({ ip_address: '127.0.0.1', user_agent: 'Phone' })
    expect((await logIn())[0]!.risk_reasons).not.toContain('new_address')
  })

  test('costs the same statements however much a user has done', async ({ engine, settings, past }) => {
    const counting = countingEngine(engine)
    await using own = await ownApp({ engine: counting.engine, settings })
    const logIn = async () => {
      const before = counting.count()
      const payload = { username: 'manager', password: PASSWORD }
      await own.app.inject({ method: 'POST', url: '/api/v1/auth/login', payload })
      return counting.count() - before
    }
    await logIn()
    const little = await logIn()
    await past({ count: 500 })
    expect(await logIn()).toBe(little)
  })
})
