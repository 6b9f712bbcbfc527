import { activityLogs } from '../../../models/index.ts'
import { HISTORY_SECTIONS, type HistoryItem } from '../../../schemas/demo-data.ts'
import type { HistoryReferences } from './history-references.ts'
import type { HistorySection } from './history-section.ts'

type Item = HistoryItem<'activity_logs'>

export const activityLogSection: HistorySection<Item> = {
  name: 'activity_logs',
  schema: HISTORY_SECTIONS.activity_logs,
  table: activityLogs,
  wanted: (item) => ({ emails: [item.user_email], records: [entityOf(item)].filter((entity) => entity !== undefined) }),
  values(item, path, references) {
    const { uid: _, company_code, user_email, entity_key: __, ...values } = item
    return {
      ...values,
      company_id: references.companyId(company_code, `${path}.company_code`),
      user_id: references.userId(user_email, `${path}.user_email`),
      entity_id: entityId(item, path, references),
    }
  },
}

function entityOf({ entity_type, entity_key, company_code }: Item) {
  return entity_key ? { table: entity_type ?? '', company_code, key: entity_key } : undefined
}

function entityId(item: Item, path: string, references: HistoryReferences): number | null | undefined {
  const entity = entityOf(item)
  if (!entity) return item.entity_key === undefined ? undefined : null
  return references.recordId(entity, path, { table: 'entity_type', key: 'entity_key' })
}
