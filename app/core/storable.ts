const DEEPEST = 50

/** Whether PostgreSQL can store a text: it knows neither U+0000 nor half of a surrogate pair. */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/**
 * The same of a value, which nests no deeper than any code that walks it has stack for. Caught here, it is a fault of the
 * request.
 */
export function isStorable(value: unknown, deepest = DEEPEST): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return true
  if (deepest === 0) return false
  return Object.entries(value).every(([key, inner]) => isStorableText(key) && isStorable(inner, deepest - 1))
}
