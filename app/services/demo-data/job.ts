import type { Db } from '../../db/session.ts'
import type { Item } from '../../schemas/demo-data.ts'
import type { Found } from './found.ts'
import { companyKey, roleKeys, userKey } from './keys.ts'
import type { DemoFile } from './parse.ts'

/** What the writers of the sections work with. */
export interface Job {
  db: Db
  items: DemoFile['items']
  /** Rows by natural key, those that this load created included. */
  found: Found
  /** Whether rows that are there already follow the file; else they stay as they are. */
  update: boolean
  /** Hashes of the passwords to be stored, by `userKey`. */
  hashes: ReadonlyMap<string, string>
  /** Told how many items are done since it was told before. */
  advance: (items: number) => void
}

// References were checked before anything was written, so one that leads nowhere is a fault of ours.
const known = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`Unchecked reference: ${name}`)
  return value
}

export const companyId = ({ found }: Job, code: string): number => known(found.companies.get(companyKey(code)), code).id

/** The same for a reference that may be empty (null) or not given (undefined). */
export const optionalCompanyId = (job: Job, code: string | null | undefined): number | null | undefined =>
  code ? companyId(job, code) : code === undefined ? undefined : null

export const userId = ({ found }: Job, email: string): number => known(found.users.get(userKey(email)), email).id

export const userIds = (job: Job, emails: string[]): number[] => [...new Set(emails.map((email) => userId(job, email)))]

export const permissionIds = ({ found }: Job, names: string[]): number[] => [
  ...new Set(names.map((name) => known(found.permissions.get(name), name).id)),
]

export const roleId = ({ found }: Job, membership: Item<'user_company_roles'>): number =>
  known(
    roleKeys(membership)
      .map((key) => found.roles.get(key))
      .find((row) => row !== undefined),
    membership.role_name,
  ).id
