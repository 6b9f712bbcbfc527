import type { FastifyBaseLogger } from 'fastify'

/** Work that a reply does not wait for. A server that stops waits for it. */
export class Background {
  readonly #running = new Set<Promise<void>>()
  readonly #logger: Pick<FastifyBaseLogger, 'error'>

  constructor(logger: Pick<FastifyBaseLogger, 'error'>) {
    this.#logger = logger
  }

  /** Starts `work` once the current reply is on its way. What it throws is logged. */
  run(work: () => Promise<unknown>): void {
    const running = new Promise<void>((done) => setImmediate(done))
      .then(work)
      .then(
        () => {},
        (error: unknown) => this.#logger.error({ err: error }, 'background work failed'),
      )
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Waits until nothing is running. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
