import { setTimeout as pause } from 'node:timers/promises'

const RETRY_MS = 200

/**
 * Work that must not run twice at once: woken while it runs, it runs once more. What fails is tried again until it succeeds
 * or is ended, so that nothing that it was woken for is lost.
 */
export class Rerun {
  readonly #work: () => Promise<void>
  readonly #onError: (error: unknown) => void
  #running: Promise<void> | undefined
  #again = false
  #ended = false

  constructor(work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#work = work
    this.#onError = onError
  }

  wake(): void {
    this.#again = true
    if (!this.#ended) this.#running ??= this.#run()
  }

  /** Waits until what it was woken for is done. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** No more of it, once what runs is done. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#ended) {
      this.#again = false
      try {
        await this.#work()
      } catch (error) {
        this.#onError(error)
        this.#again = true
        await pause(RETRY_MS, undefined, { ref: false })
      }
    }
    this.#running = undefined
  }
}
