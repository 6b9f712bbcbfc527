import { isDeepStrictEqual } from 'node:util'

const STAMPS: ReadonlySet<string> = new Set(['id', 'created_at', 'updated_at', 'created_by', 'updated_by', 'version'])

/** The fields in which two states of a record differ, as they were and as they are. */
export function changedValues(before: object, after: object) {
  const old = new Map<string, unknown>(Object.entries(before))
  const changed = Object.entries(after).filter(
    ([name, value]) => !STAMPS.has(name) && old.has(name) && !isDeepStrictEqual(old.get(name), value),
  )
  return {
    old_values: Object.fromEntries(changed.map(([name]) => [name, old.get(name)])),
    new_values: Object.fromEntries(changed),
  }
}
