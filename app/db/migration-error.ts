import { OperatorError } from '../core/operator-error.ts'

/** What is wrong with a migration, or with the database it is for, in one line that says how to mend it. */
export class MigrationError extends OperatorError {}
