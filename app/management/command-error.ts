import { OperatorError } from '../core/operator-error.ts'

/** What the person did or can mend: printed as one line, exit 1. Any other error is ours and shows its stack. */
export class CommandError extends OperatorError {}

/** Arguments that make no sense, or not together: one line, exit 2. */
export class UsageError extends CommandError {}
