import { type LiveClient, type LiveKind, isPerson } from './client.ts'

/** Limits of one process. */
const PER_USER = 20
const PER_PROCESS = 10_000

/** Everybody who is connected to this process, by company. */
export class LiveClients {
  readonly #byCompany = new Map<number, Set<LiveClient>>()
  readonly #perUser = new Map<number, number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** How many there are of each kind. */
  perKind(): [LiveKind, number][] {
    const sockets = this.all().filter(({ kind }) => kind === 'socket').length
    return [
      ['socket', sockets],
      ['stream', this.#size - sockets],
    ]
  }

  get companies(): number[] {
    return [...this.#byCompany.keys()]
  }

  /** Whether there is room for one more connection of a user. */
  hasRoomFor(user_id: number): boolean {
    return this.#size < PER_PROCESS && this.countOf(user_id) < PER_USER
  }

  add(client: LiveClient): void {
    const company = this.#byCompany.get(client.company_id) ?? new Set()
    this.#byCompany.set(client.company_id, company.add(client))
    this.#perUser.set(client.user_id, this.countOf(client.user_id) + 1)
    this.#size++
  }

  /** @returns whether it was there */
  remove(client: LiveClient): boolean {
    const company = this.#byCompany.get(client.company_id)
    if (!company?.delete(client)) return false
    if (company.size === 0) this.#byCompany.delete(client.company_id)
    const left = this.countOf(client.user_id) - 1
    if (left > 0) this.#perUser.set(client.user_id, left)
    else this.#perUser.delete(client.user_id)
    this.#size--
    return true
  }

  countOf(user_id: number): number {
    return this.#perUser.get(user_id) ?? 0
  }

  has(client: LiveClient): boolean {
    return this.#byCompany.get(client.company_id)?.has(client) ?? false
  }

  in(company_id: number): LiveClient[] {
    return [...(this.#byCompany.get(company_id) ?? [])]
  }

  all(): LiveClient[] {
    return [...this.#byCompany.values()].flatMap((company) => [...company])
  }

  /** Who is there, each once in each company: `company_id user_id`. */
  people(): Set<string> {
    return new Set(
      this.all()
        .filter(isPerson)
        .map(({ company_id, user_id }) => `${company_id} ${user_id}`),
    )
  }
}
