/**
 * Why an entry may be an attack, and how much each reason weighs. Those of the first group PostgreSQL finds in the entries that
 * the same company has of the same user, and nowhere else: "seen in another company" would tell of that company. Those of the
 * second are found by whoever records the entry; what is known beyond a company goes into entries of no company.
 */
export const RISK = {
  /** The user's entries here are all from other addresses. */
  new_address: 30,
  /** The user's entries here are all from other programs. */
  new_agent: 20,
  /** Three or more failures within the hour before this success. */
  failures_before_success: 30,
  /** An hour of the day (UTC) in which the user has never been here, among twenty entries or more. */
  unusual_hour: 15,
  /** Where less is known of the user: from 0 to 5 o'clock UTC. */
  night: 10,
  /** Three or more failures at one account. */
  repeated_failures: 40,
  /** An account was locked. */
  account_locked: 60,
  /** The request looked like an attack (middleware/threat-detection.ts). */
  threat: 60,
} as const
export type RiskReason = keyof typeof RISK

/** From this score on an entry is suspicious. */
export const SUSPICIOUS = 50
/** Failures that mean something. */
export const MANY_FAILURES = 3

// However much a user has done, so many of their last entries are looked at: one short scan of an index.
const LOOKED_AT = 100
const ENOUGH = 20

const HOLDS: Partial<Record<RiskReason, string>> = {
  new_address: 'h.addresses > 0 and e.ip_address is not null and not h.known_address',
  new_agent: 'h.agents > 0 and e.user_agent is not null and not h.known_agent',
  failures_before_success: `e.success and h.failures >= ${MANY_FAILURES}`,
  unusual_hour: `h.entries >= ${ENOUGH} and not h.known_hour`,
  night: `e.ip_address is not null and h.entries < ${ENOUGH} and extract(hour from now() at time zone 'UTC') < 5`,
}

const REASONS = Object.entries(RISK)
  .map(([reason, points]) => `('${reason}', ${points}, ${HOLDS[reason as RiskReason] ?? 'false'})`)
  .join(', ')

const hourOf = (moment: string) => `extract(hour from ${moment} at time zone 'UTC')::int`

/**
 * SQL that judges each row of `e` (a new entry): joins `risk(reasons, score)`. Without a company or a user there is no history,
 * and only what the entry's own `findings` say counts.
 */
export const JUDGED = `
  cross join lateral (
    select count(*) as entries, count(ip_address) as addresses, count(user_agent) as agents,
      coalesce(bool_or(ip_address = e.ip_address), false) as known_address,
      coalesce(bool_or(user_agent = e.user_agent), false) as known_agent,
      coalesce(bool_or((${hourOf('created_at')} - ${hourOf('now()')} + 25) % 24 <= 2), false) as known_hour,
      count(*) filter (where not success and id > coalesce(last_success, 0) and created_at > now() - interval '1 hour') as failures
    from (
      select *, max(id) filter (where success) over () as last_success
      from (
        select id, ip_address, user_agent, success, created_at from activity_logs l
        where l.company_id = e.company_id and l.user_id = e.user_id
        order by l.id desc limit ${LOOKED_AT}
      ) last
    ) recent
  ) h
  cross join lateral (
    select coalesce(jsonb_agg(reason), '[]') as reasons, least(100, coalesce(sum(points), 0)) as score
    from (values ${REASONS}) as r(reason, points, holds)
    where holds or jsonb_exists(e.findings, reason)
  ) risk`
