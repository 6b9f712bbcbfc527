import { and, eq } from 'drizzle-orm'
import { ALL_PERMISSIONS } from '../../core/permissions.ts'
import { users } from '../../models/index.ts'
import { type Context, systemContext } from '../context.ts'
import { HAS_MAIL } from '../inbox/wishes.ts'
import type { JobParts } from '../jobs/job.ts'
import { loadMemberships } from '../membership.ts'
import { type Preferences, storedOf, withDefaults } from '../notifications/preferences.ts'

/** Somebody to whom mail may go now. */
export interface Recipient {
  id: number
  email: string
  preferences: Preferences & { digested_at: string | null }
  companies: { id: number; name: string; permissions: ReadonlySet<string> }[]
}

/** Undefined for who is gone, inactive, or has no address that was confirmed. */
export function recipientOf({ engine, settings }: JobParts, user_id: number): Promise<Recipient | undefined> {
  return systemContext({ engine, settings, company_id: null, readOnly: true }, async ({ db }) => {
    const [user] = await db
      .select({ id: users.id, email: users.email, is_superuser: users.is_superuser })
      .from(users)
      .where(and(eq(users.id, user_id), HAS_MAIL))
    if (!user) return undefined
    const memberships = [...(await loadMemberships(db, user_id)).values()]
    const stored = await storedOf(db, user_id)
    return {
      id: user.id,
      email: user.email,
      preferences: { ...withDefaults(stored), digested_at: stored?.digested_at ?? null },
      companies: memberships.map(({ id, name, permissions }) => ({
        id,
        name,
        permissions: user.is_superuser ? ALL_PERMISSIONS : permissions,
      })),
    }
  })
}

/** Reads as the recipient would in one of their companies: its rows and no others, with their permissions there. */
export function readAs<R>(
  { engine, settings }: JobParts,
  { id: company_id, permissions }: Recipient['companies'][number],
  work: (ctx: Context) => Promise<R>,
): Promise<R> {
  return systemContext({ engine, settings, company_id, permissions, readOnly: true }, work)
}
