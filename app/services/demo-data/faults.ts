import { DemoDataError } from './demo-data-error.ts'

/** Nobody reads more, and a file may have millions. */
const LISTED = 200

/** The faults of a file: all of them counted, the first ones kept. */
export class Faults {
  readonly #listed: string[] = []
  count = 0

  add(...faults: string[]): void {
    this.addCounted(faults, faults.length)
  }

  /** Some faults of more. */
  addCounted(some: string[], count: number): void {
    this.#listed.push(...some.slice(0, LISTED - this.#listed.length))
    this.count += count
  }

  /** @throws DemoDataError if there are any */
  check(): void {
    if (this.count > 0) throw new DemoDataError(this.#listed, this.count)
  }
}
