import type { DemoFile } from './parse.ts'

/** What a file has, well-formed or not, as `users/jo@example.com`: so that a reference to it is no second fault. */
export function namesIn({ items, broken }: DemoFile): Set<string> {
  return new Set([
    ...broken,
    ...items.companies.map(({ item }) => `companies/${item.code.toLowerCase()}`),
    ...items.permissions.map(({ item }) => `permissions/${item.name.toLowerCase()}`),
    ...items.roles.map(({ item }) => `roles/${item.name.toLowerCase()}`),
    ...items.users.map(({ item }) => `users/${item.email.toLowerCase()}`),
    ...items.groups.map(({ item }) => `groups/${item.name.toLowerCase()}`),
    ...items.products.map(({ item }) => `products/${item.sku.toLowerCase()}`),
  ])
}
