import { notifications } from '../../../models/index.ts'
import { HISTORY_SECTIONS, type HistoryItem } from '../../../schemas/demo-data.ts'
import type { HistoryReferences } from './history-references.ts'
import type { HistorySection } from './history-section.ts'

type Item = HistoryItem<'notifications'>

export const notificationSection: HistorySection<Item> = {
  name: 'notifications',
  schema: HISTORY_SECTIONS.notifications,
  table: notifications,
  wanted: (item) => ({
    emails: [item.user_email],
    records: [recordOf(item)].filter((record) => record !== undefined),
  }),
  values(item, path, references) {
    const { uid: _, user_email, company_code, record_key: __, ...values } = item
    return {
      ...values,
      user_id: references.userId(user_email, `${path}.user_email`),
      company_id: references.companyId(company_code, `${path}.company_code`),
      record_id: recordId(item, path, references),
    }
  },
  initial: ({ user_email, company_code }, path, references) =>
    company_code === undefined ? { company_id: references.homeOf(user_email, `${path}.company_code`) } : {},
}

function recordOf({ model_name, record_key, company_code }: Item) {
  return record_key ? { table: model_name ?? '', company_code, key: record_key } : undefined
}

function recordId(item: Item, path: string, references: HistoryReferences): number | null | undefined {
  const record = recordOf(item)
  if (!record) return item.record_key === undefined ? undefined : null
  return references.recordId(record, path, { table: 'model_name', key: 'record_key' })
}
