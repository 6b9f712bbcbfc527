import type { Assessment } from '../../core/threats/assess.ts'
import type { Actor } from '../../db/scope.ts'
import { ActivityCategory, ActivityLevel } from '../../models/activity-log.ts'
import { type AuthParts, trusted } from '../auth/parts.ts'
import { recordActivity } from './record.ts'

/** A request that looked like an attack, and who sent it as far as that is known. */
export interface SuspiciousRequest extends Assessment {
  actor: Actor
  /** The caller's. Without one only superusers see the entry. */
  company_id: number | null
  method: string
  /** The route's address, not what was asked for. */
  route: string | null
  status: number
  blocked: boolean
  /** How many alike were not recorded since the last entry. */
  left_out: number
}

/** From this score on an attack is meant. */
const GRAVE = 80

/** Tells of a request that looked like an attack: in an entry of its own, since the request's work may have been refused. */
export async function recordThreat(
  parts: AuthParts,
  { actor, company_id, ...request }: SuspiciousRequest,
): Promise<void> {
  const { score, findings, blocked, ...metadata } = request
  await trusted(parts, (db) =>
    recordActivity(db, [
      {
        ...actor,
        company_id,
        action: 'suspicious_request',
        category: ActivityCategory.SECURITY,
        level: score >= GRAVE ? ActivityLevel.CRITICAL : ActivityLevel.WARNING,
        description: blocked ? 'The request was blocked' : null,
        success: !blocked && request.status < 400,
        metadata: {
          ...metadata,
          threat_score: score,
          blocked,
          findings: findings.map(({ rule, where }) => ({ rule, where })),
        },
        findings: ['threat'],
      },
    ]),
  )
}
