import { rmSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import type { App } from '../../../app/api/http/type-provider.ts'
import type { Settings } from '../../../app/core/config.ts'
import type { Engine } from '../../../app/db/engine.ts'
import { type Context, systemContext } from '../../../app/services/context.ts'
import { MessageService } from '../../../app/services/message.ts'
import { ProductService } from '../../../app/services/product.ts'
import type { Baseline } from '../baseline.ts'
import { addPerson } from '../people.ts'
import { mailsIn } from '../outbox.ts'
import { victimOf } from '../victim.ts'
import { workAs } from '../work-as.ts'
import { type Call, type Learned, type Reply, type Sent } from './call.ts'
import { Callers } from './callers.ts'
import { inconsistenciesIn } from './consistency.ts'
import type { Json } from './document.ts'
import { harvest } from './harvest.ts'
import { LEAK, type Oracle } from './oracle.ts'
import type { Pool, Side } from './pool.ts'
import { wire } from './wire.ts'

export interface WorldParts {
  app: App
  engine: Engine
  settings: Settings
  baseline: Baseline
  restore: () => Promise<void>
  oracle: Oracle
}

/** How a call went. */
export interface Outcome {
  call: Call
  sent: Sent
  reply: Reply
  faults: string[]
}

const NEVER_MS = 20_000
/** The number of the call that taught what was there before all calls. */
const BEFORE = -1
/** Everybody is put back this often, or a superuser's changes would be all that is left. */
const HEAL_EVERY = 150

/** The application with two companies in it, and what was learned in it. Begun anew, it is as it was. */
export class World {
  readonly #parts: WorldParts
  readonly #callers: Callers
  readonly #values = new Map<string, Json>()
  #bridged = false
  #made = 0

  constructor(parts: WorldParts) {
    this.#parts = parts
    this.#callers = new Callers(parts)
  }

  /** Whether a company that the callers are of is gone: then nothing is left to call. */
  get isOver(): boolean {
    return this.#callers.areHomeless
  }

  get healed(): number {
    return this.#callers.healed
  }

  /** Puts the database back and fills both companies. */
  async begin(pool?: Pool): Promise<void> {
    const { restore, engine, settings, baseline, app } = this.#parts
    await app.auth.background.settled()
    await restore()
    rmSync(settings.OUTBOX, { recursive: true, force: true })
    const { users, companies } = baseline
    const parts = { workAs: workAs(engine, settings), trusted: this.#trusted }
    const watched = await victimOf(parts, users.manager)
    const others = await this.#fillOther(parts)
    await this.#callers.heal()
    let told = 0
    // Ids are other ones each time: a replay finds what was known at first by its turn.
    const tell = (side: Side, kind: string, value: number | string) => {
      const slot = String(told++)
      this.#values.set(`${BEFORE} ${slot}`, value)
      pool?.add(side, kind, { value, call: BEFORE, slot })
    }
    for (const [kind, value] of Object.entries({
      products: watched.records['products']!.id,
      messages: watched.message_id,
      users: watched.user_id,
      roles: watched.role_id,
      groups: watched.group_id,
      'activity-logs': watched.activity_log_id,
      sessions: watched.session_id,
      'api-keys': watched.api_key_id,
      passkeys: watched.passkey_id,
      accounts: watched.oauth_account_id,
      inbox: watched.inbox_item_id,
      notifications: watched.notification_id,
      companies: companies.test.id,
      own_company: companies.test.id,
    }))
      tell('watched', kind, value)
    for (const kind of ['companies', 'own_company']) tell('other', kind, companies.other.id)
    for (const [kind, id] of Object.entries(others)) tell('other', kind, id)
    for (const { id, company_id } of Object.values(users))
      tell(company_id === companies.test.id ? 'watched' : company_id ? 'other' : 'none', 'users', id)
    tell('none', 'permissions', watched.permission_id)
    const own = await this.#callers.belongings()
    for (const { kind, id } of own) tell('none', kind, id)
  }

  /** The other company has things, too: somebody who stays, so that it is never deleted, and a thread. */
  async #fillOther(parts: Parameters<typeof victimOf>[0]): Promise<Record<string, number>> {
    const { companies, users } = this.#parts.baseline
    const neighbour = await addPerson(parts.trusted, 'neighbour', companies.other)
    const product = await parts.workAs(users.outsider, (ctx) =>
      new ProductService(ctx).create({ name: 'Lamp', sku: 'L-1', price: '1' }),
    )
    const thread = { model_name: 'products', record_id: product.id, body: 'Hello @neighbour' }
    const message = await parts.workAs(users.outsider, (ctx) => new MessageService(ctx).create(thread))
    return { users: neighbour.id, products: product.id, messages: message.id }
  }

  /** Makes a call and says how it went; what it taught goes into the pool. */
  async make(call: Call, pool?: Pool): Promise<Outcome> {
    if (++this.#made % HEAL_EVERY === 0) await this.#callers.heal()
    const sent = wire(call, {
      learned: ({ call: source, slot, value }: Learned) => this.#values.get(`${source} ${slot}`) ?? value,
      own: (caller, own) => this.#callers.own(caller, own),
      authorization: (caller) => this.#callers.authorization(caller),
    })
    const reply = await this.#send(sent)
    if (typeof reply === 'string') return { call, sent, reply: NOTHING, faults: [reply] }
    const { companies } = this.#parts.baseline
    if (reply.status === 201) pool?.create(call.number, reply.json)
    harvest(call, reply, { watched: companies.test.id, other: companies.other.id }, (side, kind, value, slot) => {
      this.#values.set(`${call.number} ${slot}`, value)
      if (typeof value === 'number' || typeof value === 'string')
        pool?.add(side, kind, { value, call: call.number, slot })
    })
    this.#callers.remember(call, reply)
    const faults = await this.#judge(call, sent, reply)
    await this.#follow(call, sent, reply, pool)
    return { call, sent, reply, faults }
  }

  async #send({ method, url, headers, payload }: Sent): Promise<Reply | string> {
    const isStream = url.includes('/events')
    const asked = this.#parts.app.inject({ method: method as 'GET', url, headers, payload, payloadAsStream: isStream })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, NEVER_MS, 'does not answer')
    })
    try {
      const answer = await Promise.race([asked, late])
      if (typeof answer === 'string') return answer
      const { statusCode: status, headers: got } = answer
      if (isStream && String(got['content-type']).startsWith('text/event-stream')) {
        answer.stream().destroy()
        answer.raw.res.destroy()
        return { status, headers: got, text: '', json: undefined }
      }
      const text = isStream ? await textOf(answer.stream()) : answer.body
      return { status, headers: got, text, json: parsed(text, got['content-type']) }
    } catch (error) {
      return `fails: ${String(error)}`
    } finally {
      clearTimeout(timer)
    }
  }

  async #judge(call: Call, sent: Sent, reply: Reply): Promise<string[]> {
    const faults = this.#parts.oracle.faults(call, sent, reply)
    if (!faults.includes(LEAK) || !(await this.#isBridged())) return faults
    return faults.filter((fault) => fault !== LEAK)
  }

  /** Whether a superuser has made one company's people the other's: from then on both see them. */
  async #isBridged(): Promise<boolean> {
    if (this.#bridged) return true
    const { companies, users } = this.#parts.baseline
    const { test, other } = companies
    // By their ids: whoever makes them superusers may give them another name with it.
    const strangers = sql`(${users.outsider.id}, ${users.stranger.id})`
    const both = sql`select exists (
      select from user_company_roles a join user_company_roles b on a.user_id = b.user_id
      where a.company_id = ${test.id} and b.company_id <> ${test.id}
      union all select from user_company_roles m join users u on u.id = m.user_id
      where m.company_id <> ${test.id} and u.is_superuser
      union all select from users where id in ${strangers} and is_superuser
      union all select from user_company_roles where company_id = ${test.id} and user_id in ${strangers}
      union all select from companies where (id = ${test.id} and parent_company_id is not null) or (parent_company_id = ${test.id} and id = ${other.id})) as yes`
    this.#bridged = await this.#trusted(
      async ({ db }) => ((await db.execute(both)) as unknown as { rows: { yes: boolean }[] }).rows[0]!.yes,
    )
    return this.#bridged
  }

  /** What must not be, and is: in the database, and of the application as a whole. */
  async inconsistencies(): Promise<string[]> {
    const { app } = this.#parts
    await app.auth.background.settled()
    const found = await this.#trusted(({ db }) => inconsistenciesIn(db))
    const { statusCode, body } = await app.inject('/health/ready')
    return statusCode === 200 ? found : [...found, `not ready: ${body}`]
  }

  /** What a call makes necessary. */
  async #follow({ caller, operation }: Call, sent: Sent, { status, json }: Reply, pool?: Pool): Promise<void> {
    const code = typeof json === 'object' && json !== null && 'code' in json ? json['code'] : undefined
    if (
      caller === 'superuser' &&
      status < 300 &&
      operation.method !== 'GET' &&
      /\/(users|companies)/.test(operation.path)
    )
      await this.#isBridged()
    if (status === 202) await this.#readMail(pool)
    const isShut =
      operation.guarded &&
      code === 'not_authenticated' &&
      sent.headers['authorization'] === this.#callers.authorization(caller)
    const isOut = code === 'no_company' && caller !== 'stranger'
    const isChanged = status < 300 && operation.path.endsWith('password')
    if (caller === 'nobody') return
    if (isOut || isChanged) await this.#callers.heal()
    else if (isShut) await this.#callers.logInAgain(caller)
  }

  async #readMail(pool?: Pool): Promise<void> {
    const { app, settings } = this.#parts
    await app.auth.background.settled()
    for (const { token } of mailsIn(settings.OUTBOX))
      if (token) pool?.add('none', 'link_token', { value: token, call: this.#made, slot: `mail ${token}` })
    rmSync(settings.OUTBOX, { recursive: true, force: true })
  }

  readonly #trusted = <R>(work: (ctx: Context) => Promise<R>): Promise<R> => {
    const { engine, settings } = this.#parts
    return systemContext({ engine, settings, company_id: null }, work)
  }
}

const NOTHING: Reply = { status: 0, headers: {}, text: '', json: undefined }

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

function parsed(text: string, type: unknown): Json | undefined {
  if (!String(type).includes('json')) return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
