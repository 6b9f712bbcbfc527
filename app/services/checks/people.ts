import { STORED_ROLES, rolesOutOfStep } from '../catalogue-changes.ts'
import { type Check, type Subject, isMigrated } from './check.ts'

const MOST_NAMED = 5

/** Who may do what, and whether anybody can. */
export const peopleChecks: Check[] = [
  {
    id: 'users.W001',
    about: 'There is no superuser who can log in',
    hint: 'Run ./manage createsuperuser',
    async find(subject) {
      const found = await dataRows(subject, `select from users where ${ACTIVE_SUPERUSER} limit 1`)
      return found?.length === 0 ? 'No active user is a superuser' : undefined
    },
  },
  {
    id: 'users.W002',
    about: 'A superuser’s password alone is enough to log in',
    hint: 'They turn a second factor on: POST /api/v1/auth/2fa/setup',
    deploy: true,
    async find(subject) {
      const names = ((await dataRows(subject, WITHOUT_SECOND_FACTOR)) ?? []).map(({ username }) => String(username))
      if (names.length > MOST_NAMED) names.splice(MOST_NAMED, names.length, '…')
      return names.length > 0 ? `No second factor: ${names.join(', ')}` : undefined
    },
  },
  {
    id: 'roles.W001',
    about: 'Permissions or system roles in the database are not those of the code',
    hint: 'Run ./manage migrate',
    async find(subject) {
      const rows = await dataRows(subject, STORED_ROLES)
      if (!rows) return undefined
      const wrong = rolesOutOfStep(rows)
      return wrong.length > 0 ? `Not as in the code: ${wrong.join(', ')}` : undefined
    },
  },
]

const ACTIVE_SUPERUSER = 'is_superuser and is_active and not is_deleted'

const WITHOUT_SECOND_FACTOR = `
  select username from users where ${ACTIVE_SUPERUSER} and password_hash <> ''
    and id not in (select user_id from totp_secrets where enabled_at is not null)
  order by username limit ${MOST_NAMED + 1}`

/** Rows across all companies; undefined where there is no migrated database. */
async function dataRows(subject: Subject, text: string): Promise<Record<string, unknown>[] | undefined> {
  if (!isMigrated(subject)) return undefined
  return subject.database?.trusted(async ({ unit }) => (await unit.query({ text })).rows)
}
