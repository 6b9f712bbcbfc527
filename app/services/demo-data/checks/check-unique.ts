import { codenameOf } from '../../codename.ts'
import type { Found } from '../found.ts'
import { companyKey, namedKey, roleKeys, userKey } from '../keys.ts'
import type { DemoFile, Entry } from '../parse.ts'

interface Named {
  name: string
  codename?: string
  company_code?: string | null
}

const byName = (item: Named) => namedKey(item.company_code, item.name)
const byCodename = (item: Named) => namedKey(item.company_code, codenameOf(item))

/** Items that stand in the file twice, or want a username or codename that somebody else has. */
export function uniqueFaults({ items }: DemoFile, found: Found, update: boolean): string[] {
  const usernames = new Map([...found.users].map(([key, row]) => [row.username.toLowerCase(), key]))
  return [
    ...twice(items.companies, 'code', (company) => companyKey(company.code)),
    ...twice(items.permissions, 'name', (permission) => permission.name),
    ...twice(items.roles, 'name', byName),
    ...twice(items.roles, 'codename', byCodename, byName),
    ...taken(items.roles, 'codename', byName, codenameWish(found.roles, update), codenames(found.roles)),
    ...twice(items.users, 'email', (user) => userKey(user.email)),
    ...twice(items.users, 'username', (user) => user.username.toLowerCase()),
    ...taken(
      items.users,
      'username',
      (user) => userKey(user.email),
      (user) => (update || !found.users.has(userKey(user.email)) ? user.username.toLowerCase() : undefined),
      usernames,
    ),
    ...twice(items.groups, 'name', byName),
    ...twice(items.groups, 'codename', byCodename, byName),
    ...taken(items.groups, 'codename', byName, codenameWish(found.groups, update), codenames(found.groups)),
    ...twice(items.user_company_roles, 'role_name', (membership) =>
      [userKey(membership.user_email), companyKey(membership.company_code), ...roleKeys(membership)].join('\n'),
    ),
    ...twice(items.products, 'sku', (product) => namedKey(product.company_code, product.sku)),
  ]
}

/** Items with one key. Those that are alike in `anyway` too are left out: they are named for that already. */
function twice<T>(
  entries: Entry<T>[],
  field: string,
  keyOf: (item: T) => string,
  anyway?: (item: T) => string,
): string[] {
  const first = new Map<string, Entry<T>>()
  return entries.flatMap((entry) => {
    const other = first.get(keyOf(entry.item))
    if (!other) first.set(keyOf(entry.item), entry)
    if (!other || (anyway && anyway(other.item) === anyway(entry.item))) return []
    return [`${entry.path}.${field}: same as ${other.path}.${field}`]
  })
}

/** Items whose wish belongs to a row with another natural key. */
function taken<T>(
  entries: Entry<T>[],
  field: string,
  keyOf: (item: T) => string,
  wishOf: (item: T) => string | undefined,
  owners: ReadonlyMap<string, string>,
): string[] {
  return entries.flatMap(({ path, item }) => {
    const wish = wishOf(item)
    const owner = wish === undefined ? undefined : owners.get(wish)
    return owner === undefined || owner === keyOf(item)
      ? []
      : [`${path}.${field}: is that of ${ownName(owner)} already`]
  })
}

/** The codename that an item would be written with; an item that is there already keeps its own unless it names one. */
function codenameWish(rows: ReadonlyMap<string, unknown>, update: boolean) {
  return (item: Named) => {
    const written = rows.has(byName(item)) ? update && item.codename !== undefined : true
    return written ? byCodename(item) : undefined
  }
}

/** Codename within its company → natural key. */
function codenames(rows: ReadonlyMap<string, { codename: string }>): Map<string, string> {
  return new Map([...rows].map(([key, row]) => [key.slice(0, key.indexOf('\n') + 1) + row.codename, key]))
}

const ownName = (key: string) => JSON.stringify(key.slice(key.indexOf('\n') + 1))
