import { OperatorError } from '../../core/operator-error.ts'

/** A demo data file that cannot be loaded. `faults` names each reason, with its path; nothing was written. */
export class DemoDataError extends OperatorError {
  readonly faults: string[]
  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}
