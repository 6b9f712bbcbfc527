/**
 * What can be permitted, declared once. `migrate` copies it to the `permissions` table and to the system roles;
 * a new feature adds one line here.
 */
export const RESOURCES = {
  user: ['create', 'read', 'update', 'delete', 'manage'],
  company: ['create', 'read', 'update', 'delete', 'manage'],
  role: ['create', 'read', 'update', 'delete', 'manage'],
  group: ['create', 'read', 'update', 'delete', 'manage'],
  permission: ['read', 'manage'],
  audit: ['read'],
  message: ['internal'],
  notification: ['send'],
  product: ['create', 'read', 'update', 'delete', 'manage'],
} as const

/** Resources that run the system. Everything else is business data, which editors may edit and viewers may read. */
const ADMINISTRATION: ReadonlySet<string> = new Set(['user', 'company', 'role', 'group', 'permission', 'audit'])

type Catalogue = typeof RESOURCES
/** A permission that exists: `resource.action`. A misspelt one does not compile. */
export type Permission = { [R in keyof Catalogue]: `${R}.${Catalogue[R][number]}` }[keyof Catalogue]
/** Resources that have the four permissions of `crudRoutes`. */
export type CrudResource = {
  [R in keyof Catalogue]: 'create' | 'read' | 'update' | 'delete' extends Catalogue[R][number] ? R : never
}[keyof Catalogue]
/** The same in either spelling: `product.read` or `product:read`. */
export type PermissionName = Permission | { [R in keyof Catalogue]: `${R}:${Catalogue[R][number]}` }[keyof Catalogue]

export const PERMISSIONS = Object.entries(RESOURCES).flatMap(([resource, actions]) =>
  actions.map((action) => ({ name: `${resource}.${action}`, resource, action })),
)

/** What a superuser may do. */
export const ALL_PERMISSIONS: ReadonlySet<string> = new Set(PERMISSIONS.map(({ name }) => name))

/** The canonical spelling, `resource.action`. */
export const canonical = (name: string): string => name.replace(':', '.')

/** Whether a set of permissions contains one, itself or by `resource.manage`. Two look-ups, whatever the size of the set. */
export function allows(granted: ReadonlySet<string>, permission: string): boolean {
  return granted.has(permission) || granted.has(`${permission.slice(0, permission.indexOf('.'))}.manage`)
}

const business = PERMISSIONS.filter((p) => !ADMINISTRATION.has(p.resource))
const named = (permissions: typeof PERMISSIONS) => permissions.map((p) => p.name)

/** The roles every installation has. They are global, immutable, and follow the catalogue. */
export const SYSTEM_ROLES = [
  { codename: 'super_admin', name: 'Super Admin', permissions: named(PERMISSIONS) },
  {
    codename: 'admin',
    name: 'Admin',
    // All of its company, but not the making of companies: `company.manage` would imply it.
    permissions: named(PERMISSIONS.filter((p) => !['company.create', 'company.manage'].includes(p.name))),
  },
  {
    codename: 'manager',
    name: 'Manager',
    permissions: [
      'user.read',
      'user.update',
      'group.read',
      'group.update',
      'role.read',
      'permission.read',
      'company.read',
      ...named(business),
    ],
  },
  {
    codename: 'editor',
    name: 'Editor',
    permissions: [
      'user.read',
      'group.read',
      'role.read',
      ...named(business.filter((p) => ['create', 'read', 'update'].includes(p.action))),
    ],
  },
  {
    codename: 'viewer',
    name: 'Viewer',
    permissions: ['user.read', 'group.read', 'role.read', ...named(business.filter((p) => p.action === 'read'))],
  },
  { codename: 'member', name: 'Member', permissions: ['user.read'] },
]
