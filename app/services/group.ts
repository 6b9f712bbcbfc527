import { eq } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import { setLinks } from '../db/bulk.ts'
import { groupPermissions, groups, userGroups } from '../models/index.ts'
import type { ListQuery } from '../schemas/list-query.ts'
import { recordRights } from './activity/rights.ts'
import { BaseCRUDService } from './base.ts'
import { type Context, demandCompany } from './context.ts'
import { codenameOf } from './codename.ts'
import { demandGrantable } from './grants.ts'
import { type Member, candidates, holdMembers, memberCounts, membersOf } from './group-members.ts'
import { forgetPermissions } from './permission.ts'
import { findPermissions, granted, permissionNames } from './permission-names.ts'
import type { Page, Row } from './record.ts'
import { demandSuperuser } from './superuser.ts'

type GroupRow = Row<typeof groups>
export type Group = GroupRow & { permissions: string[]; member_count: number }
export type GroupDetail = Group & { user_ids: number[]; members: Member[] }
type Fields = Pick<typeof groups.$inferInsert, 'name' | 'description' | 'is_active'>
type Lists = { permissions?: string[]; user_ids?: number[] }
export type GroupValues = Fields & Lists & { codename?: string }
export type GroupChanges = Partial<Fields> & Lists
type Links = { permission_ids?: number[]; user_ids?: number[] }
type Judged = Pick<GroupDetail, 'company_id' | 'is_active' | 'permissions' | 'user_ids'>

/** The company's groups. System groups are never changed, their members included. */
export class GroupService extends BaseCRUDService<typeof groups> {
  protected override readonly search = ['name', 'codename', 'description']

  constructor(ctx: Context) {
    super(groups, ctx)
  }

  override async get(id: number): Promise<GroupDetail> {
    return this.#detail(await super.get(id))
  }

  override async getMulti(query: ListQuery): Promise<Page<Group>> {
    const page = await super.getMulti(query)
    const ids = page.items.map(({ id }) => id)
    const { db } = this.ctx
    const [names, counts] = await Promise.all([permissionNames(db, 'group', ids), memberCounts(db, ids)])
    const items = page.items.map((group) => ({
      ...group,
      permissions: names.get(group.id) ?? [],
      member_count: counts.get(group.id) ?? 0,
    }))
    return { ...page, items }
  }

  /** @throws AppError `permission_denied`, `validation_error`, `duplicate`, `no_company` */
  override async create({ permissions, user_ids, codename, ...values }: GroupValues): Promise<GroupDetail> {
    const { db } = this.ctx
    const company_id = demandCompany(this.ctx)
    const nothing = { company_id, is_active: false, permissions: [], user_ids: [] }
    const links = await this.#judge(nothing, values.is_active ?? true, { permissions, user_ids })
    const row = { ...values, company_id, codename: codenameOf({ ...values, codename }) }
    const [group] = await db.insert(groups).values(row).returning()
    if (!group) throw new Error('The database returned no group')
    await this.#link(group.id, links)
    const created = await this.#detail(group)
    await recordRights(this.ctx, 'groups', 'create', { after: created })
    return created
  }

  /** @throws AppError `not_found`, `bad_request` for a system group, `permission_denied`, `validation_error`, `duplicate` */
  override async update(id: number, { permissions, user_ids, ...values }: GroupChanges): Promise<GroupDetail> {
    const before = await this.#lock(id)
    const is_active = values.is_active ?? before.is_active
    const links = await this.#judge(before, is_active, { permissions, user_ids })
    const group = await super.update(id, permissions || user_ids ? { ...values, is_active } : values) // so are its links
    await this.#link(id, links)
    const changed = await this.#detail(group)
    await recordRights(this.ctx, 'groups', 'update', { before, after: changed })
    return changed
  }

  /** @throws AppError `not_found`, `bad_request` for a system group */
  override async delete(id: number): Promise<void> {
    const before = await this.#lock(id)
    await super.delete(id)
    forgetPermissions(this.ctx.db)
    await recordRights(this.ctx, 'groups', 'delete', { before })
  }

  /** Refuses a change that gives somebody too much; otherwise returns the ids to link. */
  async #judge(before: Judged, is_active: boolean, { permissions, user_ids }: Lists): Promise<Links> {
    const named = permissions && (await findPermissions(this.ctx.db, permissions))
    const after = { is_active, permissions: named?.names ?? before.permissions }
    const wanted = new Set(user_ids ?? before.user_ids)
    const joining = [...wanted].filter((user_id) => !before.user_ids.includes(user_id))
    const leaving = before.user_ids.filter((user_id) => !wanted.has(user_id))
    // Who joins gets all of the group, now or when somebody switches it on.
    demandGrantable(this.ctx, joining.length ? after.permissions : granted(before, after))
    await this.#demandMovable(before.company_id, user_ids ?? [], joining, leaving)
    return { permission_ids: named?.ids, user_ids: user_ids && [...wanted] }
  }

  async #link(id: number, { permission_ids, user_ids }: Links): Promise<void> {
    const { db } = this.ctx
    if (permission_ids)
      await setLinks(db, groupPermissions, ['group_id', 'permission_id'], [{ id, members: permission_ids }])
    if (user_ids) await setLinks(db, userGroups, ['group_id', 'user_id'], [{ id, members: user_ids }])
    forgetPermissions(db)
  }

  /** Only members join; somebody of another company gets the answer of somebody who never was. Superusers move superusers. */
  async #demandMovable(company_id: number, given: number[], joining: number[], leaving: number[]): Promise<void> {
    if (joining.length + leaving.length === 0) return
    if (joining.length > 0) await this.ctx.trusted((db) => holdMembers(db, company_id, joining))
    const people = await candidates(this.ctx.db, company_id, [...joining, ...leaving])
    const unknown = new Set(joining.filter((user_id) => !people.get(user_id)?.is_member))
    const faults = given.flatMap((user_id, index) =>
      unknown.has(user_id)
        ? [{ loc: ['body', 'user_ids', index], msg: 'Not a member of this company', type: 'unknown_user' }]
        : [],
    )
    if (faults.length) throw new AppError('validation_error', faults)
    if ([...people.values()].some(({ is_superuser }) => is_superuser))
      demandSuperuser(this.ctx, 'Only a superuser may put a superuser into a group or take one out')
  }

  /** The group as it is once nobody else is changing it: two changes at once must not both be judged by the state before. */
  async #lock(id: number): Promise<GroupDetail> {
    const { is_system_group } = await super.get(id)
    if (is_system_group) throw new AppError('bad_request', 'System groups cannot be changed')
    const [group] = await this.ctx.db.select().from(groups).where(eq(groups.id, id)).for('update')
    return this.#detail(group ?? (await super.get(id)))
  }

  async #detail(group: GroupRow): Promise<GroupDetail> {
    const { db } = this.ctx
    const [names, members] = await Promise.all([permissionNames(db, 'group', [group.id]), membersOf(db, group.id)])
    const user_ids = members.map(({ id }) => id)
    return { ...group, permissions: names.get(group.id) ?? [], member_count: members.length, user_ids, members }
  }
}
