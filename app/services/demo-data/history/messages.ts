import { safeHtml } from '../../../core/safe-html.ts'
import { messages } from '../../../models/index.ts'
import { HISTORY_SECTIONS, type HistoryItem } from '../../../schemas/demo-data.ts'
import type { HistorySection, Values } from './history-section.ts'

type Item = HistoryItem<'messages'>

export const messageSection: HistorySection<Item> = {
  name: 'messages',
  schema: HISTORY_SECTIONS.messages,
  table: messages,
  wanted: (item) => ({ emails: [item.user_email], records: [recordOf(item)] }),
  values(item, path, references) {
    const { uid: _, parent_uid, company_code, record_key: __, user_email, body_html, ...values } = item
    return {
      ...values,
      body_html: body_html && safeHtml(body_html), // a file is no more to be trusted than a request
      company_id: references.companyId(company_code, `${path}.company_code`),
      record_id: references.recordId(recordOf(item), path, { table: 'model_name', key: 'record_key' }),
      user_id: references.userId(user_email, `${path}.user_email`),
      parent_id: parent_uid === null ? null : undefined, // the others follow when all messages are there
    }
  },
  thread({ parent_uid }, values) {
    const isKnown = values['company_id'] && values['record_id']
    return { thread: isKnown ? threadOf(values) : undefined, parent: parent_uid }
  },
  // Its replies would be left behind.
  conflict: (row, values) =>
    threadOf(row) === threadOf(values) ? undefined : 'record_key: the message is about another record already',
}

const threadOf = ({ company_id, model_name, record_id }: Values) => [company_id, model_name, record_id].join('/')

const recordOf = ({ model_name, company_code, record_key }: Item) => ({
  table: model_name,
  company_code,
  key: record_key,
})
