import { z } from 'zod'
import { allows } from '../../core/permissions.ts'
import { Rerun } from '../../core/rerun.ts'
import type { Db } from '../../db/session.ts'
import { THREADED } from '../threads/threaded.ts'
import { AccessCheck } from './access.ts'
import type { LiveClients } from './clients.ts'
import { write } from './frame.ts'
import type { LiveParts } from './parts.ts'

/** What is not kept, told by one process to all. */
export const ANNOUNCEMENTS = 'fastvue_live'

/** Of a few ids: far below the 8000 bytes that PostgreSQL passes on. */
const Announcement = z.object({
  type: z.enum(['typing:start', 'typing:stop', 'user:online', 'user:offline']),
  company_id: z.int(),
  user_id: z.int(),
  model_name: z.string().max(100).optional(),
  record_id: z.int().optional(),
})
export type Announcement = z.output<typeof Announcement>

// Who does not keep up loses the oldest: they say what was a while ago.
const WAITING = 10_000

/** Tells every process, this one too, once the transaction of `db` is committed. */
export async function announce(db: Db, announcement: Announcement): Promise<void> {
  const query = { text: 'select pg_notify($1, $2)', name: 'live_announce' }
  await db.unit.query(query, [ANNOUNCEMENTS, JSON.stringify(announcement)])
}

/** Hears what processes announce and tells the clients of this one, each what it may hear. */
export class Announcements {
  readonly #parts: LiveParts
  readonly #clients: LiveClients
  readonly #waiting: Announcement[] = []
  readonly #work: Rerun
  #listener: { close(): Promise<void> } | undefined

  constructor(parts: LiveParts, clients: LiveClients) {
    this.#parts = parts
    this.#clients = clients
    this.#work = new Rerun(
      () => this.#tellAll(),
      (err) => parts.logger.error({ err }, 'live announcements could not be told'),
    )
  }

  async start(): Promise<void> {
    // What passed unheard is over: somebody typed, or came. Who needs to know asks for `presence:list`.
    this.#listener = await this.#parts.engine.listen(
      ANNOUNCEMENTS,
      (payload) => this.#hear(payload),
      () => {},
    )
  }

  async stop(): Promise<void> {
    await this.#listener?.close()
    await this.#work.end()
  }

  #hear(payload: string): void {
    if (this.#clients.size === 0) return
    if (this.#waiting.length >= WAITING) this.#waiting.shift()
    this.#waiting.push(Announcement.parse(JSON.parse(payload)))
    this.#work.wake()
  }

  async #tellAll(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      await this.#tell(next)
      this.#waiting.shift()
    }
  }

  async #tell({ type, company_id, ...data }: Announcement): Promise<void> {
    const others = this.#clients.in(company_id).filter(({ user_id }) => user_id !== data.user_id)
    if (others.length === 0) return
    const written = write(type, data)
    const model = data.model_name === undefined ? undefined : THREADED.get(data.model_name)
    for (const [client, permissions] of await new AccessCheck(this.#parts.principals).ofAll(others)) {
      const may = permissions && (data.model_name === undefined || (model && allows(permissions, model.permission)))
      if (may) client.send(written)
    }
  }
}
