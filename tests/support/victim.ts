import { sql } from 'drizzle-orm'
import {
  activityLogs,
  apiKeys,
  groupPermissions,
  groups,
  inboxItems,
  notifications,
  oauthAccounts,
  passkeys,
  permissions,
  roles,
  rolePermissions,
  sessions,
  userCompanyRoles,
  userGroups,
  users,
} from '../../app/models/index.ts'
import type { Context } from '../../app/services/context.ts'
import { MessageService } from '../../app/services/message.ts'
import { SECRET } from './attack.ts'
import type { Victim } from './attack-cases/index.ts'
import { FEATURES } from './attack-cases/features.ts'
import type { TestUser } from './baseline.ts'
import type { Trusted, WorkAs } from './work-as.ts'

/** Records of a company, one of each kind, with the secret in every text of them. */
export async function victimOf(
  { workAs, trusted }: { workAs: WorkAs; trusted: Trusted },
  owner: TestUser,
  changes: { sku?: string } = {},
): Promise<Victim> {
  const { company_id } = owner
  if (company_id === null) throw new Error('Who is in no company has no records')
  const records: Victim['records'] = {}
  for (const [table, { create }] of Object.entries(FEATURES))
    records[table] = await workAs(owner, (ctx) => create(ctx, table === 'products' ? changes : {}))
  const on = { model_name: 'products', record_id: records['products']!.id }
  const secret = { body: SECRET, body_html: SECRET, subject: SECRET, metadata: { note: SECRET } }
  const message = await workAs(owner, (ctx) => new MessageService(ctx).create({ ...on, ...secret }))
  const people = await trusted(({ db }) => peopleOf(db, company_id))
  return { company_id, records, message_id: message.id, ...people }
}

/** A member who is in no other company, with a role and a group of that company alone. */
async function peopleOf(db: Context['db'], company_id: number) {
  const email = `${SECRET.toLowerCase()}@example.com`
  const username = SECRET.toLowerCase()
  const named = { name: SECRET, codename: SECRET.toLowerCase(), description: SECRET, company_id }
  const [user] = await db
    .insert(users)
    .values({ email, username, full_name: SECRET, bio: SECRET, password_hash: '', current_company_id: company_id })
    .returning()
  const [role] = await db.insert(roles).values(named).returning()
  const [group] = await db.insert(groups).values(named).returning()
  const [permission] = await db.select().from(permissions).limit(1)
  const [user_id, role_id, group_id] = [user!.id, role!.id, group!.id]
  await db.insert(userCompanyRoles).values({ user_id, company_id, role_id, is_default: true })
  await db.insert(userGroups).values({ user_id, group_id })
  await db.insert(rolePermissions).values({ role_id, permission_id: permission!.id })
  await db.insert(groupPermissions).values({ group_id, permission_id: permission!.id })
  const session_id = crypto.randomUUID()
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  await db.insert(sessions).values({ id: session_id, user_id, company_id, refresh_hash: '', expires_at })
  const [key] = await db
    .insert(apiKeys)
    .values({ user_id, company_id, name: SECRET, key_hash: SECRET, permissions: ['product.read'] })
    .returning()
  const [passkey] = await db
    .insert(passkeys)
    .values({ user_id, name: SECRET, credential_id: SECRET, public_key: SECRET, counter: 0 })
    .returning()
  const [account] = await db
    .insert(oauthAccounts)
    .values({ user_id, provider: 'google', subject: SECRET, email })
    .returning()
  const [log] = await db
    .insert(activityLogs)
    .values({
      company_id,
      user_id,
      action: 'login',
      entity_name: SECRET,
      description: SECRET,
      metadata: { note: SECRET },
    })
    .returning()
  const everybody = (await db.select({ user_id: users.id }).from(users)).map((one) => ({ ...one, company_id }))
  const told = await db
    .insert(notifications)
    .values(everybody.map((one) => ({ ...one, title: SECRET, description: SECRET, data: { note: SECRET } })))
    .returning()
  const items = await db
    .insert(inboxItems)
    .values(
      told.map(({ id, user_id: owner }) => ({
        user_id: owner,
        company_id,
        notification_id: id,
        item_type: 'notification' as const,
        title: SECRET,
        preview: SECRET,
      })),
    )
    .returning()
  const inbox = {
    inbox_item_id: items.find((one) => one.user_id === user_id)!.id,
    notification_id: told.find((one) => one.user_id === user_id)!.id,
  }
  const credentials = { session_id, api_key_id: key!.id, passkey_id: passkey!.id, oauth_account_id: account!.id }
  return {
    user_id,
    role_id,
    group_id,
    permission_id: permission!.id,
    email,
    username,
    activity_log_id: log!.id,
    ...credentials,
    ...inbox,
  }
}

/** All that the victim has, by every column: what an attack must leave as it is. */
export function totalOf(trusted: Trusted, { company_id, user_id, role_id, group_id }: Victim): Promise<unknown> {
  const of = (table: string, key: string, id: number) =>
    sql`(select jsonb_agg(t order by t::text) from ${sql.identifier(table)} t where ${sql.identifier(key)} = ${id})`
  const parts = [
    of('companies', 'id', company_id),
    ...Object.keys(FEATURES).map((table) => of(table, 'company_id', company_id)),
    of('activity_logs', 'company_id', company_id),
    of('inbox_items', 'company_id', company_id),
    of('notifications', 'company_id', company_id),
    of('users', 'id', user_id),
    of('sessions', 'user_id', user_id),
    of('api_keys', 'user_id', user_id),
    of('passkeys', 'user_id', user_id),
    of('totp_secrets', 'user_id', user_id),
    of('oauth_accounts', 'user_id', user_id),
    of('roles', 'company_id', company_id),
    of('groups', 'company_id', company_id),
    ...THREADS.map((table) => of(table, 'company_id', company_id)),
    of('user_company_roles', 'company_id', company_id),
    of('role_permissions', 'role_id', role_id),
    of('group_permissions', 'group_id', group_id),
    of('user_groups', 'group_id', group_id),
  ]
  return trusted(async ({ db }) => {
    const { rows } = (await db.execute(sql`select ${sql.join(parts, sql`, `)}`)) as unknown as { rows: unknown[] }
    return rows
  })
}

const THREADS = [
  'messages',
  'message_followers',
  'message_reactions',
  'message_reads',
  'message_mentions',
  'inbox_items',
]
