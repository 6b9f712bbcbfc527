import type { z } from 'zod'
import { HISTORY_SECTIONS, type HistoryName, type Item, SECTIONS, type SectionName } from '../../schemas/demo-data.ts'
import { checkItem } from './checks/item-faults.ts'
import type { JsonItem } from './json/json-file.ts'

/** An item and where it stands in the file, such as `users[3]`. */
export interface Entry<T> {
  path: string
  item: T
}

/** The items that are well-formed, the faults of the others, and what those others were to be called. */
export interface ParsedData {
  items: { [S in SectionName]: Entry<Item<S>>[] }
  faults: string[]
  broken: ReadonlySet<string>
}

/** The same, and the sections that are too long to be kept. */
export interface DemoFile extends ParsedData {
  history: {
    counts: Record<HistoryName, number>
    /** Read piece by piece, in the order of the file; neither checked nor parsed before. */
    items(section: HistoryName): AsyncIterable<JsonItem[]>
  }
}

/** Checks each item's own shape. References and duplicates are `checkDemoData`'s. */
export function parseDemoData(sections: ReadonlyMap<string, unknown>): ParsedData {
  const known = [...Object.keys(SECTIONS), ...Object.keys(HISTORY_SECTIONS)].join(', ')
  const faults: string[] = []
  const broken = new Set<string>()

  function section<T>(name: SectionName, schema: z.ZodType<T>): Entry<T>[] {
    const items = sections.get(name) ?? []
    if (!Array.isArray(items)) {
      faults.push(`${name}: expected a list`)
      return []
    }
    return items.flatMap((raw: unknown, index) => {
      const path = `${name}[${index}]`
      const checked = checkItem(schema, raw, path)
      if ('item' in checked) return [{ path, item: checked.item }]
      faults.push(...checked.faults)
      for (const key of declared(raw)) broken.add(`${name}/${key}`)
      return []
    })
  }

  for (const [name, value] of sections) {
    if (Object.hasOwn(SECTIONS, name) || name === '_meta' || name === 'meta') continue
    if (!Object.hasOwn(HISTORY_SECTIONS, name)) faults.push(`${name}: not a section; the sections are ${known}`)
    else if (!Array.isArray(value)) faults.push(`${name}: expected a list`)
  }
  const items = {
    companies: section('companies', SECTIONS.companies),
    permissions: section('permissions', SECTIONS.permissions),
    roles: section('roles', SECTIONS.roles),
    users: section('users', SECTIONS.users),
    groups: section('groups', SECTIONS.groups),
    user_company_roles: section('user_company_roles', SECTIONS.user_company_roles),
    products: section('products', SECTIONS.products),
  }
  return { items, faults, broken }
}

/** The natural keys of a broken item: a reference to it is no second fault. */
function declared(raw: unknown): string[] {
  if (!isRecord(raw)) return []
  return [raw['code'], raw['name'], raw['email'], raw['sku']]
    .filter((key) => typeof key === 'string')
    .map((key) => key.toLowerCase())
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
