import type { z } from 'zod'
import { withArticle } from '../../../core/article.ts'
import { isStorableText } from '../../../core/storable.ts'

/** An item of the shape that its section has, or what is wrong with it: one line a fault, each with its path. */
export function checkItem<T>(schema: z.ZodType<T>, raw: unknown, path: string): { item: T } | { faults: string[] } {
  const { data, error } = schema.safeParse(raw, { error: message })
  const faults = [...(error?.issues ?? []).flatMap((issue) => issueFaults(issue, path)), ...unstorable(raw, path)]
  return data === undefined || faults.length > 0 ? { faults } : { item: data }
}

function issueFaults(issue: z.core.$ZodIssue, path: string): string[] {
  const at = issue.path.reduce<string>((text, key) => text + step(key), path)
  if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`]
  return issue.keys.map((key) => `${at}${step(key)}: no such field`)
}

function message(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required'
  if (issue.code === 'invalid_type') return `must be ${withArticle(issue.expected)}`
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`
  if (issue.code === 'too_big')
    return issue.origin === 'string'
      ? `must have at most ${issue.maximum} characters`
      : `must be at most ${issue.maximum}`
  return undefined
}

// As a field's name it changes what an object is, wherever somebody copies field by field.
const FORBIDDEN = '__proto__'

/** What PostgreSQL cannot hold, at any depth: a text with a NUL, or with half of a surrogate pair. */
function unstorable(value: unknown, path: string): string[] {
  if (isHarmless(value)) return []
  if (typeof value !== 'object' || value === null) return [`${path}: has a character that cannot be stored`]
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === FORBIDDEN ? [`${path}: may not have a field called ${FORBIDDEN}`] : unstorable(key, path)),
    ...unstorable(inner, path + step(Array.isArray(value) ? Number(key) : key)),
  ])
}

/** Says that there is nothing of the kind, at the cost of a look. */
function isHarmless(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isHarmless)
  for (const [key, inner] of Object.entries(value))
    if (key === FORBIDDEN || !isStorableText(key) || !isHarmless(inner)) return false
  return true
}

const step = (key: PropertyKey) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)
