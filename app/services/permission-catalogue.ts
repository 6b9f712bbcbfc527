import { type SQL, eq } from 'drizzle-orm'
import { canonical } from '../core/permissions.ts'
import { permissions } from '../models/index.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import { BaseCRUDService } from './base.ts'
import type { Context } from './context.ts'
import type { Page, Row } from './record.ts'

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

  /** A filter by name takes either spelling. */
  override getMulti(wanted: Partial<ListQuery> = {}): Promise<Page<Permission>> {
    const filters = (wanted.filters ?? []).map((filter) =>
      filter.field === 'name' ? { ...filter, value: inDots(filter.value) } : filter,
    )
    return super.getMulti({ ...wanted, filters })
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

const inDots = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inDots)
  return typeof value === 'string' ? canonical(value) : value
}
