import { notifications } from '../../../models/index.ts'
import { HISTORY_SECTIONS, type HistoryItem } from '../../../schemas/demo-data.ts'
import type { HistorySection } from './history-section.ts'

export const notificationSection: HistorySection<HistoryItem<'notifications'>> = {
  name: 'notifications',
  schema: HISTORY_SECTIONS.notifications,
  table: notifications,
  wanted: ({ user_email }) => ({ emails: [user_email], records: [] }),
  values({ uid: _, user_email, company_code, ...values }, path, references) {
    return {
      ...values,
      user_id: references.userId(user_email, `${path}.user_email`),
      company_id: references.companyId(company_code, `${path}.company_code`),
    }
  },
  initial: ({ user_email, company_code }, path, references) =>
    company_code === undefined ? { company_id: references.homeOf(user_email, `${path}.company_code`) } : {},
}
