import { allows } from '../../core/permissions.ts'
import { Rerun } from '../../core/rerun.ts'
import { AUDIT } from '../activity/activity-log.ts'
import { trustedRead } from '../context.ts'
import { type Access, AccessCheck } from './access.ts'
import type { LiveClient } from './client.ts'
import type { LiveClients } from './clients.ts'
import { write } from './frame.ts'
import type { LiveParts } from './parts.ts'

/** How long after its beginning a transaction may commit, and its entries still be told: twice what a statement may take. */
const LATE_SECONDS = 30
/** Of a company, in one look. */
const BATCH = 200

interface Entry {
  id: number
  created_at: string
  company_id: number
}

/**
 * Tells auditors of new entries of the activity log. So that writing one costs nothing more, nobody announces it: this looks,
 * and only while an auditor is connected, and only in their companies.
 */
export class ActivityFeed {
  readonly #parts: LiveParts
  readonly #clients: LiveClients
  readonly #work: Rerun
  readonly #auditors = new Set<LiveClient>()
  /** Since when entries of a company are told, by the database's clock. */
  #from = new Map<number, string>()
  /** The entries that were told, by the time that they have. */
  readonly #told = new Map<number, number>()
  #looking: NodeJS.Timeout | undefined

  constructor(parts: LiveParts, clients: LiveClients) {
    this.#parts = parts
    this.#clients = clients
    this.#work = new Rerun(
      () => this.#look(),
      (err) => parts.logger.error({ err }, 'the activity log could not be read'),
    )
  }

  start(): void {
    const look = () => this.#auditors.size > 0 && this.#work.wake()
    this.#looking = setInterval(look, this.#parts.timing.activity).unref()
  }

  /** Takes note of what a client may do. */
  note(client: LiveClient, access: Access): void {
    if (!access || !allows(access, AUDIT) || !this.#clients.has(client)) return void this.#auditors.delete(client)
    this.#auditors.add(client)
    if (!this.#from.has(client.company_id)) this.#work.wake()
  }

  /** Looks now, and waits until what is new has been told. */
  async look(): Promise<void> {
    this.#work.wake()
    await this.#work.settled()
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking)
    await this.#work.end()
  }

  async #look(): Promise<void> {
    for (const client of this.#auditors) if (!this.#clients.has(client)) this.#auditors.delete(client)
    const companies = [...new Set([...this.#auditors].map(({ company_id }) => company_id))]
    this.#from = new Map([...this.#from].filter(([company_id]) => companies.includes(company_id)))
    if (companies.length === 0) return this.#told.clear()
    await this.#begin(companies.filter((company_id) => !this.#from.has(company_id)))
    const entries = await trustedRead(
      this.#parts,
      async (db) =>
        (await db.unit.query<Entry>(LOOK, [companies, [...this.#from.values()], [...this.#told.keys()]])).rows,
    )
    await this.#tell(entries)
  }

  async #begin(companies: number[]): Promise<void> {
    if (companies.length === 0) return
    const { rows } = await trustedRead(this.#parts, (db) =>
      db.unit.query({ text: 'select now()::timestamptz(3) as now' }),
    )
    for (const company_id of companies) this.#from.set(company_id, String(rows[0]?.['now']))
  }

  async #tell(entries: Entry[]): Promise<void> {
    const latest = Math.max(0, ...entries.map(({ created_at }) => Date.parse(created_at)))
    for (const [id, at] of this.#told) if (at < latest - 2000 * LATE_SECONDS) this.#told.delete(id)
    if (entries.length === 0) return
    for (const { id, created_at } of entries) this.#told.set(id, Date.parse(created_at))
    for (const [client, access] of await new AccessCheck(this.#parts.principals).ofAll([...this.#auditors])) {
      if (!access || !allows(access, AUDIT)) continue
      for (const { company_id, ...data } of entries)
        if (company_id === client.company_id) client.send(write('activity:new', data, { timestamp: data.created_at }))
    }
  }
}

const LOOK = {
  name: 'live_activity',
  text: `
    select entry.* from unnest($1::bigint[], $2::timestamptz[]) as here (company_id, since)
    cross join lateral (
      select id, created_at, a.company_id, user_id, action, category, level, entity_type, entity_id, entity_name, success, is_suspicious
      from activity_logs a
      where a.company_id = here.company_id and a.created_at >= greatest(here.since, now() - interval '${LATE_SECONDS} seconds')
        and a.id <> all ($3::bigint[])
      order by a.created_at, a.id limit ${BATCH}
    ) entry order by entry.id`,
}
