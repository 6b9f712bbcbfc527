import type { Operation } from './document.ts'
import type { Outcome } from './world.ts'

interface Counts {
  calls: number
  /** Replies by the first digit of their status. */
  classes: Record<number, number>
}

/** What was called, and how it was answered. */
export class Figures {
  readonly #byStatus: Record<string, number> = {}
  readonly #byOperation: Map<string, Counts>
  #proper = 0
  #properDone = 0
  calls = 0
  /** How often everybody was put back to who they were. */
  healed = 0

  constructor(operations: Operation[]) {
    this.#byOperation = new Map(operations.map(({ name }) => [name, { calls: 0, classes: {} }]))
  }

  add({ call, reply: { status } }: Outcome): void {
    this.calls++
    if (!call.isSpoilt) this.#proper++
    if (!call.isSpoilt && status < 400) this.#properDone++
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1
    const counts = this.#byOperation.get(call.operation.name)
    if (!counts) return
    const digit = Math.floor(status / 100)
    counts.calls++
    counts.classes[digit] = (counts.classes[digit] ?? 0) + 1
  }

  /** The share of replies whose status begins with these digits. */
  share(digits: number): number {
    const counted = Object.entries(this.#byStatus).filter(([status]) => status.startsWith(String(digits)))
    return counted.reduce((sum, [, count]) => sum + count, 0) / this.calls
  }

  /** Operations that never succeeded. */
  neverDone(): string[] {
    return [...this.#byOperation].flatMap(([name, { classes }]) => (classes[2] || classes[3] ? [] : [name]))
  }

  /** One line. */
  toString(): string {
    const classes = [2, 3, 4, 5].map((digit) => `${digit}xx ${percent(this.share(digit))}`).join(', ')
    const statuses = Object.entries(this.#byStatus).map(([status, count]) => `${status}: ${count}`)
    return `${this.calls} calls of ${this.#byOperation.size} operations; ${classes} (${statuses.join(', ')}); of what was not spoilt ${percent(this.#properDone / this.#proper)} succeeded; people put back ${this.healed} times`
  }

  /** A line for each operation: how often it was called, how often it succeeded and was refused. */
  table(): string {
    const lines = [...this.#byOperation].map(
      ([
        name,
        {
          calls,
          classes: { 2: done = 0, 3: led = 0, 4: refused = 0 },
        },
      ]) => [calls, done + led, refused].map((count) => String(count).padStart(7)).join('') + `  ${name}`,
    )
    return ['  calls   done refused', ...lines].join('\n')
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
