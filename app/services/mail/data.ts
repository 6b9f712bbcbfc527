import { z } from 'zod'
import { InboxItemType } from '../../models/inbox.ts'

const id = z.int().nullable()

/** What a mail is about. Whether it may still be sent is asked anew when it is. */
export const MailData = z.object({
  user_id: z.int(),
  company_id: z.int(),
  item_type: z.enum(Object.values(InboxItemType)),
  item_id: id,
  message_id: id,
  notification_id: id,
  model_name: z.string().nullable(),
  record_id: id,
  is_internal: z.boolean(),
  title: z.string().nullable(),
  preview: z.string().nullable(),
})
export type MailData = z.output<typeof MailData>

export const DigestData = z.object({ user_id: z.int() })
export type DigestData = z.output<typeof DigestData>
