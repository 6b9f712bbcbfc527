import type { z } from 'zod'
import { type JsonSchema, jsonSchema } from './json-schema.ts'

/** Schemas with an id go to `components`, once, and are referred to. */
export class Components {
  readonly #schemas: Record<string, JsonSchema> = {}

  inline(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $defs = {}, ...json } = this.#refer(jsonSchema(schema, io)) as JsonSchema & {
      $defs?: Record<string, JsonSchema>
    }
    for (const [name, { id: _, ...definition }] of Object.entries($defs)) this.#schemas[name] = definition
    const { id, filters: _, ...own } = json
    if (typeof id !== 'string') return own
    this.#schemas[id] = own
    return { $ref: `#/components/schemas/${id}` }
  }

  all(): Record<string, JsonSchema> {
    return Object.fromEntries(Object.entries(this.#schemas).toSorted(([a], [b]) => a.localeCompare(b)))
  }

  #refer(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#refer(item))
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === '$ref' && typeof value === 'string'
          ? value.replace('#/$defs/', '#/components/schemas/')
          : this.#refer(value),
      ]),
    )
  }
}
