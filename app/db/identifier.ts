import { OperatorError } from '../core/operator-error.ts'

// NAMEDATALEN - 1: what is longer PostgreSQL cuts off without an error, and another database may have the shorter name.
const MOST_BYTES = 63

/** A name as PostgreSQL stores it, unquoted. @throws OperatorError for one that it would refuse or change */
export function checkIdentifier(what: string, name: string): string {
  if (name === '') throw new OperatorError(`The ${what} is empty`)
  if (name.includes('\0')) throw new OperatorError(`The ${what} has a NUL character in it`)
  const bytes = Buffer.byteLength(name)
  if (bytes > MOST_BYTES)
    throw new OperatorError(`The ${what} has ${bytes} bytes: PostgreSQL keeps ${MOST_BYTES}, and would cut it off`)
  return name
}
