import { z } from 'zod'

export type JsonSchema = Record<string, unknown>

/** A Zod schema as JSON Schema: `input` is what a caller may send, `output` what a reply contains. */
export function jsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  target: 'draft-7' | 'draft-2020-12' = 'draft-2020-12',
): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, target, unrepresentable: 'any' })
  return simplify(json) as JsonSchema
}

/**
 * `anyOf: [X, null]` as `type: [X, null]`, which reads better and spares fast-json-stringify a validator at run time;
 * and without the bounds that only say "a safe integer".
 */
function simplify(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplify)
  if (typeof node !== 'object' || node === null) return node
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(node)
      .filter(([, value]) => value !== Number.MAX_SAFE_INTEGER && value !== Number.MIN_SAFE_INTEGER)
      .map(([key, value]) => [key, simplify(value)]),
  )
  if (!Array.isArray(anyOf)) return rest
  const [first, second, ...more] = anyOf as JsonSchema[]
  if (more.length === 0 && typeof first?.['type'] === 'string' && second?.['type'] === 'null')
    return { ...first, ...rest, type: [first['type'], 'null'] }
  return { anyOf, ...rest }
}
