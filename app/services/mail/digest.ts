import { and, asc, desc, eq, gt, lt, lte, ne, not, or, isNull } from 'drizzle-orm'
import type { Db } from '../../db/session.ts'
import { inboxItems, notificationPreferences, users } from '../../models/index.ts'
import { systemContext } from '../context.ts'
import { HAS_MAIL } from '../inbox/wishes.ts'
import { enqueue } from '../jobs/enqueue.ts'
import type { Handler, JobParts } from '../jobs/job.ts'
import { seenBy } from '../threads/seen.ts'
import { DigestData } from './data.ts'
import { lastDigestTime, quietUntil } from './quiet.ts'
import { type Recipient, readAs, recipientOf } from './recipient.ts'
import { type DigestSection, digestMail } from './text.ts'

/** Users asked about in one statement. */
const PAGE = 1000
/** Titles of one company in a digest. */
const MOST_TITLES = 20

/** Queues the digests that are due. One that was missed, because nothing ran at its time, is due until it is sent. */
export const sendDigests: Handler = ({ engine, settings }, _job, now) =>
  systemContext({ engine, settings, company_id: null }, async ({ db }) => {
    for (let after = 0, found = PAGE; found === PAGE;) {
      const wishes = await wishesAfter(db, after)
      const due = wishes.filter(({ digest, time_zone, digested_at }) => {
        if (digest === 'none') return false
        return digested_at === null || Date.parse(digested_at) < lastDigestTime(now, digest, time_zone).getTime()
      })
      await enqueue(
        db,
        due.map(({ user_id }) => ({ name: 'mail.digest', key: `mail.digest ${user_id}`, data: { user_id } })),
      )
      found = wishes.length
      after = wishes.at(-1)?.user_id ?? 0
    }
    return undefined
  })

function wishesAfter(db: Db, user_id: number) {
  const { digest, time_zone, digested_at } = notificationPreferences
  return db
    .select({ user_id: users.id, digest, time_zone, digested_at })
    .from(notificationPreferences)
    .innerJoin(users, eq(users.id, notificationPreferences.user_id))
    .where(and(ne(digest, 'none'), HAS_MAIL, gt(users.id, user_id)))
    .orderBy(asc(users.id))
    .limit(PAGE)
}

/**
 * Tells somebody what has come since the last digest and is unread: one mail, a section for each of their companies, each
 * read behind its own walls. No mail where there is nothing to tell.
 */
export const mailDigest: Handler = async (parts, job, now) => {
  const { user_id } = DigestData.parse(job.data)
  const recipient = await recipientOf(parts, user_id)
  if (!recipient || recipient.preferences.digest === 'none') return undefined
  const until = quietUntil(now, recipient.preferences)
  if (until) return { until }
  const sections: DigestSection[] = []
  for (const company of recipient.companies) {
    const section = await sectionOf(parts, recipient, company, now)
    if (section) sections.push(section)
  }
  if (sections.length > 0) await parts.mailer.send(digestMail(parts.settings, recipient.email, sections, job.id))
  await toldUntil(parts, user_id, now)
  return undefined
}

function sectionOf(
  parts: JobParts,
  { id, preferences: { digested_at } }: Recipient,
  company: Recipient['companies'][number],
  now: Date,
): Promise<DigestSection | undefined> {
  return readAs(parts, company, async ({ db, permissions }) => {
    const { title, is_internal, created_at } = inboxItems
    const items = await db
      .select({ title, is_internal })
      .from(inboxItems)
      .where(
        and(
          eq(inboxItems.company_id, company.id),
          eq(inboxItems.user_id, id),
          not(inboxItems.is_read),
          not(inboxItems.is_archived),
          digested_at === null ? undefined : gt(created_at, digested_at),
          lte(created_at, now.toISOString()),
          seenBy(permissions, inboxItems).where,
        ),
      )
      .orderBy(desc(inboxItems.id))
      .limit(MOST_TITLES + 1)
    if (items.length === 0) return undefined
    return {
      company: company.name,
      titles: items.slice(0, MOST_TITLES).map((item) => (item.is_internal ? null : item.title)),
      has_more: items.length > MOST_TITLES,
    }
  })
}

function toldUntil({ engine, settings }: JobParts, user_id: number, now: Date): Promise<unknown> {
  const { digested_at } = notificationPreferences
  const until = now.toISOString()
  return systemContext({ engine, settings, company_id: null }, ({ db }) =>
    db
      .update(notificationPreferences)
      .set({ digested_at: until })
      .where(and(eq(notificationPreferences.user_id, user_id), or(isNull(digested_at), lt(digested_at, until)))),
  )
}
