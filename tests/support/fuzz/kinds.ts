/** Parts of a path that name no collection of their own, and the one whose records they are about. */
const ALIASES: Record<string, string> = {
  user: 'users',
  me: 'users',
  restore: 'users',
  mine: 'companies',
  replies: 'messages',
  pinned: 'messages',
}

/** Fields that do not name what they refer to. */
const REFERENCES: Record<string, string> = {
  parent_id: 'messages',
  parent_company_id: 'companies',
  current_company_id: 'companies',
  record_id: 'products',
}

/** What `{id}` in a path is the id of: `/users/{id}/companies` → users. */
export function kindInPath(path: string, parameter = 'id'): string {
  const steps = path.split('/')
  const before = steps[steps.indexOf(`{${parameter}}`) - 1] ?? ''
  if (parameter !== 'id') return kindOfField(parameter)
  return before.startsWith('{') ? 'products' : (ALIASES[before] ?? before)
}

/** What the `id` of a record in a reply is the id of. */
export function kindInReply(path: string): string {
  if (path.endsWith('/{id}/users')) return 'users'
  if (path.includes('{id}')) return kindInPath(path)
  const last = path.split('/').at(-1) ?? ''
  return ALIASES[last] ?? last
}

/** What a field refers to: `role_id` → roles, `user_ids` → users, `category_id` → categories. */
export function kindOfField(name: string): string {
  const stem = name.replace(/_ids?$/, '')
  return REFERENCES[name] ?? (stem.endsWith('y') ? `${stem.slice(0, -1)}ies` : `${stem}s`)
}

/** Collections of which everybody has their own. */
export const PERSONAL: ReadonlySet<string> = new Set([
  'inbox',
  'notifications',
  'sessions',
  'api-keys',
  'passkeys',
  'accounts',
])

export const isReference = (name: string): boolean =>
  /._ids?$/.test(name) && name !== 'client_id' && name !== 'request_id'
