import { appErrorIn } from './errors.ts'

/**
 * What the person who runs FastVue did or can mend: a setting, a database that is away, a port in use. Each line of the
 * message says one such thing; an indented line belongs to the one before.
 */
export class OperatorError extends Error {}

/** What a process prints about the error that ends it: clear lines for a person's faults, the stack for ours. */
export function explain(error: unknown): string {
  const explained = error instanceof OperatorError ? error : appErrorIn(error)
  if (explained) return explained.message.replaceAll(/^(?! )/gm, 'Error: ')
  return error instanceof Error ? (error.stack ?? error.message) : `Error: ${String(error)}`
}
