import { type SQL, eq } from 'drizzle-orm'
import { permissions } from '../models/index.ts'
import { BaseCRUDService } from './base.ts'
import type { Context } from './context.ts'
import type { Row } from './record.ts'

type Permission = Row<typeof permissions>

/** The permissions there are: the same for all companies, and made by the code, not by requests. */
export class PermissionCatalogue extends BaseCRUDService<typeof permissions> {
  protected override readonly search = ['name', 'description']

  constructor(ctx: Context) {
    super(permissions, ctx)
  }

  protected override inCompany(): SQL | undefined {
    return undefined
  }

  /** What can be granted, by resource. */
  async grouped(): Promise<{ resource: string; permissions: Permission[] }[]> {
    const active = await this.ctx.db.select().from(permissions).where(eq(permissions.is_active, true))
    const sorted = active.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const resources = Map.groupBy(sorted, ({ resource }) => resource)
    return [...resources]
      .map(([resource, members]) => ({ resource, permissions: members }))
      .toSorted((a, b) => (a.resource < b.resource ? -1 : 1))
  }
}
