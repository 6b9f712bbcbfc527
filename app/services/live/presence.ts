import { eq, sql } from 'drizzle-orm'
import { Rerun } from '../../core/rerun.ts'
import { takeTurn } from '../../db/advisory-lock.ts'
import type { Db } from '../../db/session.ts'
import { liveProcesses, presences } from '../../models/index.ts'
import { systemContext } from '../context.ts'
import { ANNOUNCEMENTS } from './announcements.ts'
import type { LiveClients } from './clients.ts'
import type { LiveParts } from './parts.ts'

/** The most that is told of who is online. */
const LISTED = 1000

/**
 * Who is online, over all processes: each keeps rows of its own people, and those of one that says nothing any more are taken
 * away by the others. The first row of somebody in a company is announced there, and the end of the last.
 */
export class Presence {
  readonly #parts: LiveParts
  readonly #clients: LiveClients
  /** A new one after a failure: what is left of the last one ends with its lease, and is announced then. */
  #process_id = crypto.randomUUID()
  readonly #work: Rerun
  /** What the database has of this process: `company_id user_id`. */
  #stored = new Set<string>()
  #isRegistered = false
  #isStopping = false
  #renewing: NodeJS.Timeout | undefined

  constructor(parts: LiveParts, clients: LiveClients) {
    this.#parts = parts
    this.#clients = clients
    this.#work = new Rerun(
      () => this.#follow(),
      (err) => parts.logger.error({ err }, 'presence could not be kept'),
    )
  }

  start(): void {
    this.#renewing = setInterval(() => void this.renew(), this.#parts.timing.renew).unref()
  }

  /** To be called when somebody has come or gone. */
  changed(): void {
    if (!this.#isStopping) this.#work.wake()
  }

  /** Says that this process is there, and takes away those that are not. */
  async renew(): Promise<void> {
    if (!this.#isRegistered) return
    try {
      const isThere = await this.#trusted(async (db) => {
        const mine = eq(liveProcesses.id, this.#process_id)
        const { rowCount } = await db
          .update(liveProcesses)
          .set({ seen_at: sql`now()` })
          .where(mine)
        await forgetDead(db, this.#parts.timing.lease)
        return rowCount === 1
      })
      if (isThere) return
      this.#isRegistered = false // taken for dead, as after a long pause
      this.changed()
    } catch (err) {
      this.#parts.logger.error({ err }, 'presence could not be kept')
    }
  }

  /** The people who are online in a company, the caller too. */
  async list(company_id: number): Promise<number[]> {
    const { engine, settings } = this.#parts
    const rows = await systemContext({ engine, settings, company_id, readOnly: true }, ({ db }) =>
      db
        .selectDistinct({ user_id: presences.user_id })
        .from(presences)
        .where(eq(presences.company_id, company_id))
        .orderBy(presences.user_id)
        .limit(LISTED),
    )
    return rows.map(({ user_id }) => user_id)
  }

  /** Everybody of this process goes offline. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#renewing)
    await this.#work.end()
    if (!this.#isRegistered) return
    await this.#trusted(async (db) => {
      await leave(db, this.#process_id, this.#stored)
      await db.delete(liveProcesses).where(eq(liveProcesses.id, this.#process_id))
    }).catch((err: unknown) => this.#parts.logger.error({ err }, 'presence could not be ended'))
  }

  /** Makes the rows what the connections are. */
  async #follow(): Promise<void> {
    const people = this.#clients.people()
    const stored = this.#isRegistered ? this.#stored : new Set<string>()
    const [come, gone] = [people.difference(stored), stored.difference(people)]
    if (come.size + gone.size === 0) return
    const isNew = !this.#isRegistered
    if (isNew) this.#process_id = crypto.randomUUID()
    this.#isRegistered = false // until it is certain
    await this.#trusted(async (db) => {
      if (isNew) {
        await forgetDead(db, this.#parts.timing.lease)
        await db.insert(liveProcesses).values({ id: this.#process_id })
      }
      if (come.size > 0) await enter(db, this.#process_id, come)
      if (gone.size > 0) await leave(db, this.#process_id, gone)
    })
    this.#isRegistered = true
    this.#stored = people
  }

  /** One process after the other: two that lose the last of somebody's connections must not each think of the other. */
  #trusted<R>(work: (db: Db) => Promise<R>): Promise<R> {
    const { engine, settings } = this.#parts
    return systemContext({ engine, settings, company_id: null }, async ({ db }) => {
      await takeTurn(db, 'presence')
      return work(db)
    })
  }
}

function enter(db: Db, process_id: string, people: Set<string>): Promise<unknown> {
  return db.unit.query({ text: ENTER, name: 'presence_enter' }, [process_id, ...idsOf(people)])
}

function leave(db: Db, process_id: string, people: Set<string>): Promise<unknown> {
  return db.unit.query({ text: LEAVE, name: 'presence_leave' }, [process_id, ...idsOf(people)])
}

const forgetDead = (db: Db, lease: number) => db.unit.query({ text: FORGET_DEAD, name: 'presence_dead' }, [lease])

function idsOf(people: Set<string>): [company_ids: number[], user_ids: number[]] {
  const pairs = [...people].map((pair) => pair.split(' ').map(Number))
  return [pairs.map(([company_id = 0]) => company_id), pairs.map(([, user_id = 0]) => user_id)]
}

const announcing = (type: string) =>
  `select pg_notify('${ANNOUNCEMENTS}', json_build_object('type', '${type}', 'company_id', t.company_id, 'user_id', t.user_id)::text)`

// Joined: somebody who was deleted a moment ago is nobody to keep.
const ENTER = `
  with come as (
    insert into presences (process_id, company_id, user_id)
    select $1::uuid, c.id, u.id from unnest($2::bigint[], $3::bigint[]) as n (company_id, user_id)
    join companies c on c.id = n.company_id join users u on u.id = n.user_id
    on conflict do nothing returning company_id, user_id
  )
  ${announcing('user:online')} from come t
  where not exists (select from presences p where (p.company_id, p.user_id) = (t.company_id, t.user_id) and p.process_id <> $1::uuid)`

const LEAVE = `
  with gone as (
    delete from presences p using unnest($2::bigint[], $3::bigint[]) as n (company_id, user_id)
    where p.process_id = $1::uuid and (p.company_id, p.user_id) = (n.company_id, n.user_id) returning p.company_id, p.user_id
  )
  ${announcing('user:offline')} from gone t
  where not exists (select from presences p where (p.company_id, p.user_id) = (t.company_id, t.user_id) and p.process_id <> $1::uuid)`

// The rows go with the process, after this statement: it still sees them.
const FORGET_DEAD = `
  with dead as (
    delete from live_processes where seen_at < now() - $1::float8 * interval '1 millisecond' returning id
  )
  ${announcing('user:offline')} from (
    select distinct company_id, user_id from presences where process_id in (select id from dead)
  ) t
  where not exists (
    select from presences p where (p.company_id, p.user_id) = (t.company_id, t.user_id) and p.process_id not in (select id from dead))`
