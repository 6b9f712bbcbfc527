const DEEPEST = 50

/**
 * Whether PostgreSQL can store a value. Text holds no U+0000 and no half of a surrogate pair, neither of which it knows; and
 * a value nests no deeper than any code that walks it has stack for. Caught here, it is a fault of the request.
 */
export function isStorable(value: unknown, deepest = DEEPEST): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null) return true
  if (deepest === 0) return false
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner, deepest - 1))
}
