import { and, eq, inArray, sql } from 'drizzle-orm'
import type { App } from '../../../app/api/http/type-provider.ts'
import type { Settings } from '../../../app/core/config.ts'
import type { Engine } from '../../../app/db/engine.ts'
import {
  companies,
  inboxItems,
  notifications,
  roles,
  totpSecrets,
  userCompanyRoles,
  users,
} from '../../../app/models/index.ts'
import { type Context, systemContext } from '../../../app/services/context.ts'
import { logIn } from '../auth-headers.ts'
import { Authenticator } from '../authenticator.ts'
import type { Baseline, TestUser } from '../baseline.ts'
import { PASSWORD } from '../password.ts'
import { codeOf } from '../two-factor.ts'
import type { Call, Own, Reply } from './call.ts'
import type { Json } from './document.ts'
import type { CallerName } from './plan.ts'

interface Person {
  user: TestUser
  secret?: string
  backup_codes: string[]
  creation?: { challenge: string; user: { id: string } }
  authenticator?: Authenticator
}

/** What the callers of a run are and know: who they are, how they log in, and their second factors. */
export class Callers {
  readonly #app: App
  readonly #engine: Engine
  readonly #settings: Settings
  readonly #baseline: Baseline
  readonly #people = new Map<CallerName, Person>()
  readonly #hashes = new Map<number, string>()
  #headers = new Map<CallerName, string>()
  #request: { challenge: string } = { challenge: 'none' }
  healed = 0
  /** Whether a company of theirs was deleted. */
  areHomeless = false

  constructor({
    app,
    engine,
    settings,
    baseline,
  }: {
    app: App
    engine: Engine
    settings: Settings
    baseline: Baseline
  }) {
    this.#app = app
    this.#engine = engine
    this.#settings = settings
    this.#baseline = baseline
    const { superuser, admin, manager, viewer, outsider, stranger } = baseline.users
    const known = { superuser, admin, manager, viewer, key: admin, outsider, stranger }
    for (const [name, user] of Object.entries(known)) this.#people.set(name as CallerName, { user, backup_codes: [] })
  }

  get #companyIds(): number[] {
    return Object.values(this.#baseline.companies).map(({ id }) => id)
  }

  authorization(name: CallerName): string | undefined {
    return this.#headers.get(name)
  }

  /** Makes everybody who they were at the start, whatever the calls did to them, and logs them in anew. */
  async heal(): Promise<void> {
    this.healed++
    const there = await this.#trusted(({ db }) =>
      db.select().from(companies).where(inArray(companies.id, this.#companyIds)),
    )
    this.areHomeless = there.length < this.#companyIds.length
    if (this.areHomeless) return
    for (const person of this.#people.values()) Object.assign(person, { secret: undefined, backup_codes: [] })
    const everybody = Object.values(this.#baseline.users)
    await this.#trusted((ctx) => this.#putBack(ctx, everybody))
    const headers = await logIn(this.#engine, this.#settings, everybody)
    for (const [name, { user }] of this.#people)
      if (name !== 'key') this.#headers.set(name, headers(user).authorization)
    await this.#newKey()
  }

  /** A new session for who has lost theirs. Who cannot use it, is made who they were. */
  async logInAgain(name: CallerName): Promise<void> {
    const person = this.#people.get(name)
    if (!person) return
    if (name === 'key') return this.heal()
    this.#headers.set(name, (await logIn(this.#engine, this.#settings, [person.user]))(person.user).authorization)
    const reply = await this.#app.inject({
      url: '/api/v1/auth/me',
      headers: { authorization: this.#headers.get(name)! },
    })
    if (reply.statusCode !== 200) await this.heal()
  }

  async #newKey(): Promise<void> {
    const payload = { name: 'fuzz', permissions: ['product.manage', 'message.internal', 'role.read', 'audit.read'] }
    const authorization = this.#headers.get('admin') ?? ''
    const reply = await this.#app.inject({
      method: 'POST',
      url: '/api/v1/auth/api-keys',
      headers: { authorization },
      payload,
    })
    this.#headers.set('key', `Bearer ${reply.json<{ key: string }>().key}`)
  }

  async #putBack({ db }: Context, everybody: TestUser[]): Promise<void> {
    const ids = everybody.map(({ id }) => id)
    if (this.#hashes.size === 0)
      for (const { id, password_hash } of await db.select().from(users).where(inArray(users.id, ids)))
        this.#hashes.set(id, password_hash)
    await db.update(companies).set({ is_active: true }).where(inArray(companies.id, this.#companyIds))
    for (const { id, email, username, is_superuser, company_id } of everybody)
      await db
        .update(users)
        .set({
          email,
          username,
          is_superuser,
          password_hash: this.#hashes.get(id)!,
          current_company_id: company_id,
          is_active: true,
          is_verified: true,
          is_deleted: false,
          deleted_at: null,
          failed_login_attempts: 0,
          locked_until: null,
          owns_email: sql`not exists (select from users other where other.id <> ${id} and other.owns_email and lower(other.email) = lower(${email}))`,
          owns_username: sql`not exists (select from users other where other.id <> ${id} and other.owns_username and lower(other.username) = lower(${username}))`,
        })
        .where(eq(users.id, id))
    await db.delete(totpSecrets).where(inArray(totpSecrets.user_id, ids))
    await db.delete(userCompanyRoles).where(inArray(userCompanyRoles.user_id, ids))
    const roleIds = new Map(
      (
        await db
          .select()
          .from(roles)
          .where(and(sql`${roles.company_id} is null`))
      ).map((role) => [role.codename as string | null, role.id]),
    )
    await db
      .insert(userCompanyRoles)
      .values(
        everybody.flatMap(({ id, company_id, role }) =>
          company_id === null ? [] : [{ user_id: id, company_id, role_id: roleIds.get(role)!, is_default: true }],
        ),
      )
  }

  #trusted<R>(work: (ctx: Context) => Promise<R>): Promise<R> {
    return systemContext({ engine: this.#engine, settings: this.#settings, company_id: null }, work)
  }

  /** What is in everybody's own lists: for `inbox admin`, the ids. */
  async belongings(): Promise<{ kind: string; id: number }[]> {
    const { items, told } = await this.#trusted(async ({ db }) => ({
      items: await db.select({ id: inboxItems.id, user_id: inboxItems.user_id }).from(inboxItems),
      told: await db.select({ id: notifications.id, user_id: notifications.user_id }).from(notifications),
    }))
    return [...this.#people].flatMap(([name, { user }]) => {
      const own = (rows: typeof items, kind: string) =>
        rows.filter((row) => row.user_id === user.id).map(({ id }) => ({ kind: `${kind} ${name}`, id }))
      return [...own(items, 'inbox'), ...own(told, 'notifications')]
    })
  }

  /** What a caller knows by themselves. */
  own(name: CallerName, { kind, number }: Own): Json {
    const person = this.#people.get(name)
    if (kind === 'password') return PASSWORD
    if (kind === 'username') return person?.user.username ?? 'nobody'
    if (kind === 'email') return person?.user.email ?? 'nobody@example.com'
    if (kind === 'two_factor_code') return this.#code(person, number)
    if (kind === 'attestation') return this.#attest(person)
    return (person?.authenticator ?? new Authenticator()).get(this.#request)
  }

  #code(person: Person | undefined, number: number): string {
    const backup = person?.backup_codes[number % 10]
    if (backup && number % 3 === 0) return backup
    return person?.secret ? codeOf(person.secret, (number % 3) - 1) : '000000'
  }

  #attest(person: Person | undefined): Json {
    const authenticator = new Authenticator()
    if (person) person.authenticator = authenticator
    return authenticator.create(person?.creation ?? { challenge: 'none', user: { id: 'none' } })
  }

  /** Keeps what a reply told its caller alone. */
  remember({ caller, operation }: Call, { status, json }: Reply): void {
    if (status >= 300 || typeof json !== 'object' || json === null) return
    const told = json as Record<string, unknown>
    const person = this.#people.get(caller)
    if (operation.path.endsWith('/passkeys/login/options')) this.#request = { challenge: String(told['challenge']) }
    if (!person) return
    if (operation.path.endsWith('/2fa/setup')) person.secret = String(told['secret'])
    if (Array.isArray(told['backup_codes'])) person.backup_codes = told['backup_codes'].map(String)
    if (operation.path.endsWith('/register/options'))
      person.creation = told as unknown as NonNullable<Person['creation']>
  }
}
