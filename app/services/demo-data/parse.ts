import type { z } from 'zod'
import { type Item, SECTIONS, type SectionName } from '../../schemas/demo-data.ts'
import { DemoDataError } from './demo-data-error.ts'
import { itemFaults } from './item-faults.ts'

/** An item and where it stands in the file, such as `users[3]`. */
export interface Entry<T> {
  path: string
  item: T
}

/** The items that are well-formed, the faults of the others, and what those others were to be called. */
export interface DemoFile {
  items: { [S in SectionName]: Entry<Item<S>>[] }
  faults: string[]
  broken: ReadonlySet<string>
}

/** Checks each item's own shape. References and duplicates are `checkDemoData`'s. @throws DemoDataError for no object. */
export function parseDemoData(value: unknown): DemoFile {
  const known = Object.keys(SECTIONS).join(', ')
  if (!isRecord(value)) throw new DemoDataError([`expected an object with the sections ${known}`])
  const faults: string[] = []
  const broken = new Set<string>()

  function section<T>(name: SectionName, schema: z.ZodType<T>): Entry<T>[] {
    const items = isRecord(value) ? (value[name] ?? []) : []
    if (!Array.isArray(items)) {
      faults.push(`${name}: expected a list`)
      return []
    }
    return items.flatMap((raw: unknown, index) => {
      const path = `${name}[${index}]`
      const found = itemFaults(schema, raw, path)
      if (found.length === 0) return [{ path, item: schema.parse(raw) }]
      faults.push(...found)
      for (const key of declared(raw)) broken.add(`${name}/${key}`)
      return []
    })
  }

  const unknown = Object.keys(value).filter((key) => !(key in SECTIONS) && key !== '_meta' && key !== 'meta')
  faults.push(...unknown.map((key) => `${key}: not a section; the sections are ${known}`))
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
  return [raw['code'], raw['name'], raw['email']]
    .filter((key) => typeof key === 'string')
    .map((key) => key.toLowerCase())
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
