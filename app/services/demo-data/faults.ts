import { DemoDataError } from './demo-data-error.ts'

/** Nobody reads more, and a file may have millions. */
const LISTED = 200

/** The faults of a file: all of them counted, the first ones kept. */
export class Faults {
  readonly #listed: string[] = []
  count = 0

  add(fault: string): void {
    this.addAll([fault])
  }

  /** @param count how many there are, if these are only the first of them */
  addAll(faults: string[], count = faults.length): void {
    this.#listed.push(...faults.slice(0, LISTED - this.#listed.length))
    this.count += count
  }

  /** @throws DemoDataError if there are any */
  check(): void {
    if (this.count > 0) throw new DemoDataError(this.#listed, this.count)
  }
}
