import { ALL_PERMISSIONS } from '../../core/permissions.ts'
import { type PrincipalStore, keyOf } from '../principal-store.ts'
import type { Principal } from '../principal.ts'
import { CLOSE, type LiveClient } from './client.ts'

/** What somebody may do in their connection's company now; undefined when they have no business there any more. */
export type Access = ReadonlySet<string> | undefined

const AT_A_TIME = 8

/** Asks again what connected people may do: at most 100 ms late, each session once for a batch of events. */
export class AccessCheck {
  readonly #principals: PrincipalStore
  readonly #asked = new Map<string, Promise<Principal | undefined>>()

  constructor(principals: PrincipalStore) {
    this.#principals = principals
  }

  /** The same of many, a few at a time: others work with the database, too. */
  async ofAll(clients: readonly LiveClient[]): Promise<Map<LiveClient, Access>> {
    const all = new Map<LiveClient, Access>()
    const left = clients.values()
    const next = async (): Promise<void> => {
      for (const client of left) all.set(client, await this.of(client))
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, next))
    return all
  }

  /** What a client may do. Who may be here no longer is shown out. */
  async of(client: LiveClient): Promise<Access> {
    const key = keyOf(client.credential)
    const asked = this.#asked.get(key) ?? this.#principals.of(client.credential)
    this.#asked.set(key, asked)
    const access = client.ends_at > Date.now() ? accessOf(await asked, client.company_id) : undefined
    if (!access) client.close(CLOSE.accessEnded, 'Log in again')
    return access
  }
}

function accessOf(principal: Principal | undefined, company_id: number): Access {
  if (principal?.is_superuser) return ALL_PERMISSIONS
  return principal?.memberships.get(company_id)?.permissions
}
