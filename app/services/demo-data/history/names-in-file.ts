import type { DemoFile } from '../parse.ts'

/**
 * What a file has, as `users/jo@example.com` or, within a company, `products/acme/anv-1`; what is not well-formed without the
 * company. So a reference to it is no second fault.
 */
export function namesIn({ items, broken }: DemoFile): Set<string> {
  return new Set([
    ...broken,
    ...items.companies.map(({ item }) => `companies/${item.code.toLowerCase()}`),
    ...items.permissions.map(({ item }) => `permissions/${item.name.toLowerCase()}`),
    ...items.roles.map(({ item }) => within('roles', item.company_code, item.name)),
    ...items.users.map(({ item }) => `users/${item.email.toLowerCase()}`),
    ...items.groups.map(({ item }) => within('groups', item.company_code, item.name)),
    ...items.products.map(({ item }) => within('products', item.company_code, item.sku)),
  ])
}

const within = (section: string, company_code: string | null | undefined, key: string) =>
  [section, ...(company_code ? [company_code] : []), key].join('/').toLowerCase()
