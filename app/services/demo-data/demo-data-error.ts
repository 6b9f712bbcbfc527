import { OperatorError } from '../../core/operator-error.ts'

/** A demo data file that cannot be loaded. `faults` names each reason, with its path; nothing was written. */
export class DemoDataError extends OperatorError {
  readonly faults: string[]
  /** All of them, also those that are too many to name. */
  readonly count: number
  constructor(faults: string[], count = faults.length) {
    super([...faults, ...(count > faults.length ? [`… and ${count - faults.length} more`] : [])].join('\n'))
    this.faults = faults
    this.count = count
  }
}
