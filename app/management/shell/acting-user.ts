import { inspect } from 'node:util'
import { and, eq, sql } from 'drizzle-orm'
import type { Cache } from '../../core/cache.ts'
import type { Settings } from '../../core/config.ts'
import { autocommit } from '../../db/autocommit.ts'
import type { Engine } from '../../db/engine.ts'
import type { Scope } from '../../db/scope.ts'
import { type Db, inUnitOfWork } from '../../db/session.ts'
import { companies } from '../../models/index.ts'
import {
  type Context,
  type CurrentUser,
  type Standing,
  createContext,
  standingIn,
  systemContext,
} from '../../services/context.ts'
import { type Membership, loadMemberships } from '../../services/membership.ts'
import { findUserByName } from '../../services/users/by-name.ts'
import { CommandError } from '../command-error.ts'

/** What the shell works on. */
export interface Workplace {
  engine: Engine
  settings: Settings
  cache: Cache
}

/**
 * A user in a company, for the shell: what a request of theirs would work with, without its guard. `db` sees the company's
 * rows and commits each statement; `transaction` gives a service its context.
 */
export class ActingUser {
  readonly user: CurrentUser
  readonly company: { id: number; code: string; name: string }
  readonly permissions: ReadonlySet<string>
  readonly db: Db | ReturnType<typeof autocommit>
  readonly #workplace: Workplace
  readonly #standing: Standing
  readonly #scope: Scope

  constructor(workplace: Workplace, user: CurrentUser, company: Found, memberships: Standing['memberships']) {
    const { is_superuser } = user
    this.#workplace = workplace
    this.#standing = standingIn({ user, session_id: null, is_superuser, memberships }, company.id)
    this.#scope = { role: 'fastvue_app', company_id: company.id }
    this.user = user
    this.company = { id: company.id, code: company.code, name: company.name }
    this.permissions = this.#standing.permissions
    this.db = autocommit(workplace.engine, this.#scope)
  }

  /** Runs `work` in one transaction: `acme.transaction((ctx) => new ProductService(ctx).get(1))`. */
  transaction<R>(work: (ctx: Context) => Promise<R>): Promise<R> {
    const { engine, settings, cache } = this.#workplace
    const given = { ...this.#standing, everywhere: false, settings, cache, request_id: crypto.randomUUID() }
    return inUnitOfWork(engine, this.#scope, (unit) => work(createContext(unit, given)))
  }

  /** How the prompt shows it: `admin in ACME (11 permissions)`. */
  [inspect.custom](): string {
    const { size } = this.permissions
    return `${this.user.username} in ${this.company.code} (${size} permission${size === 1 ? '' : 's'})`
  }
}

type Found = Pick<Membership, 'id' | 'code' | 'name'>

/**
 * The user of a name or e-mail address in the company of a code or, without one, in their default company. A superuser may
 * be in any company. @throws CommandError
 */
export function actAs(workplace: Workplace, username: string, code?: string): Promise<ActingUser> {
  const { engine, settings } = workplace
  return systemContext({ engine, settings, company_id: null, readOnly: true }, async ({ db }) => {
    const user = await findUserByName(db, username)
    if (!user) throw new CommandError(`No user ${username}`)
    const memberships = await loadMemberships(db, user.id)
    const own = [...memberships.values()]
    const found = code ? await companyOf(db, code) : (own.find((membership) => membership.is_default) ?? own[0])
    if (code && !found) throw new CommandError(`No company ${code}`)
    const company = found && (memberships.get(found.id) ?? (user.is_superuser ? found : undefined))
    if (!company) throw new CommandError(`${username} is no member of ${code ?? 'a company'}`)
    return new ActingUser(workplace, user, company, memberships)
  })
}

async function companyOf(db: Db, code: string): Promise<Found | undefined> {
  const { id, name } = companies
  const [company] = await db
    .select({ id, code: companies.code, name })
    .from(companies)
    .where(and(eq(sql`lower(${companies.code})`, code.toLowerCase()), companies.is_active))
  return company
}
