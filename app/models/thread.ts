import { foreignKey, index, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, companyTable, ofUserMixin } from './base.ts'
import { messages } from './message.ts'
import { bigintNumber, idMixin, timestamptz } from './mixins.ts'
import { sql } from 'drizzle-orm'

const createdAt = () => ({
  created_at: timestamptz()
    .notNull()
    .default(sql`now()`),
})
const ofMessage = () => ({ message_id: bigintNumber().notNull() })

/** Who is told of what happens to a record: those who follow it. */
export const messageFollowers = companyTable(
  'message_followers',
  {
    ...idMixin(),
    ...createdAt(),
    ...companyScopedMixin(),
    /** The record's table and id. */
    model_name: varchar({ length: 100 }).notNull(),
    record_id: bigintNumber().notNull(),
    ...ofUserMixin(),
  },
  (t) => [
    uniqueIndex('message_followers_company_id_model_name_record_id_user_id_key').on(
      t.company_id,
      t.model_name,
      t.record_id,
      t.user_id,
    ),
    index('message_followers_user_id_idx').on(t.user_id),
  ],
)

export const messageReactions = companyTable(
  'message_reactions',
  {
    ...idMixin(),
    ...createdAt(),
    ...companyScopedMixin(),
    ...ofMessage(),
    ...ofUserMixin(),
    emoji: varchar({ length: 64 }).notNull(),
  },
  (t) => [
    foreignKey({
      name: 'message_reactions_company_id_message_id_fkey',
      columns: [t.company_id, t.message_id],
      foreignColumns: [messages.company_id, messages.id],
    }).onDelete('cascade'),
    uniqueIndex('message_reactions_company_id_message_id_user_id_emoji_key').on(
      t.company_id,
      t.message_id,
      t.user_id,
      t.emoji,
    ),
    index('message_reactions_user_id_idx').on(t.user_id),
  ],
)

/** Who has read which message, and when first (`created_at`). */
export const messageReads = companyTable(
  'message_reads',
  { ...idMixin(), ...createdAt(), ...companyScopedMixin(), ...ofMessage(), ...ofUserMixin() },
  (t) => [
    foreignKey({
      name: 'message_reads_company_id_message_id_fkey',
      columns: [t.company_id, t.message_id],
      foreignColumns: [messages.company_id, messages.id],
    }).onDelete('cascade'),
    uniqueIndex('message_reads_company_id_message_id_user_id_key').on(t.company_id, t.message_id, t.user_id),
    index('message_reads_user_id_idx').on(t.user_id),
  ],
)

/** Who is named in which message. */
export const messageMentions = companyTable(
  'message_mentions',
  { ...idMixin(), ...createdAt(), ...companyScopedMixin(), ...ofMessage(), ...ofUserMixin() },
  (t) => [
    foreignKey({
      name: 'message_mentions_company_id_message_id_fkey',
      columns: [t.company_id, t.message_id],
      foreignColumns: [messages.company_id, messages.id],
    }).onDelete('cascade'),
    uniqueIndex('message_mentions_company_id_message_id_user_id_key').on(t.company_id, t.message_id, t.user_id),
    index('message_mentions_user_id_idx').on(t.user_id),
  ],
)
