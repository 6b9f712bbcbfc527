import { bigint, index, jsonb, primaryKey, text, unique, varchar } from 'drizzle-orm/pg-core'
import { companyScopedMixin, ofUserMixin } from './base.ts'
import { bigintNumber, idMixin, timestampMixin, timestamptz } from './mixins.ts'
import { systemTable } from './table.ts'
import { users } from './user.ts'

// What somebody proves who they are with. No request's role can read any of it.

/** A user's TOTP secret (RFC 6238). */
export const totpSecrets = systemTable('totp_secrets', {
  user_id: ofUserMixin().user_id.primaryKey(),
  ...timestampMixin(),
  /** Sealed by `core/sealing.ts`. */
  secret: text().notNull(),
  /** Empty while it is set up: then it guards nothing yet. */
  enabled_at: timestamptz(),
  /** The newest 30-second step whose code was used: a code is good once. */
  last_step: bigint({ mode: 'number' }).notNull().default(0),
})

/** Codes for who has lost the second factor. One that is used is deleted. */
export const backupCodes = systemTable(
  'backup_codes',
  { ...ofUserMixin(), code_hash: varchar({ length: 64 }).notNull(), ...timestampMixin() },
  (t) => [primaryKey({ columns: [t.user_id, t.code_hash] })],
)

/** A WebAuthn credential. */
export const passkeys = systemTable(
  'passkeys',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...ofUserMixin(),
    name: varchar({ length: 100 }).notNull(),
    /** base64url */
    credential_id: varchar({ length: 1400 }).notNull(),
    /** COSE, base64url */
    public_key: text().notNull(),
    /** Signatures made, as the authenticator counts them; one that goes back was copied. */
    counter: bigint({ mode: 'number' }).notNull(),
    transports: jsonb().$type<string[]>().notNull().default([]),
    last_used_at: timestamptz(),
  },
  (t) => [unique('passkeys_credential_id_key').on(t.credential_id), index('passkeys_user_id_idx').on(t.user_id)],
)

/** An account at another provider that logs its owner in here. */
export const oauthAccounts = systemTable(
  'oauth_accounts',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...ofUserMixin(),
    provider: varchar({ length: 50 }).notNull(),
    /** Who they are there: for ever, unlike the e-mail address. */
    subject: varchar({ length: 255 }).notNull(),
    email: varchar({ length: 255 }).notNull(),
  },
  (t) => [
    unique('oauth_accounts_provider_subject_key').on(t.provider, t.subject),
    index('oauth_accounts_user_id_idx').on(t.user_id),
  ],
)

/** What is good once and for a while: links sent by mail, challenges, states. Known by a hash, deleted when used. */
export const oneTimeTokens = systemTable(
  'one_time_tokens',
  {
    token_hash: varchar({ length: 64 }).primaryKey(),
    purpose: varchar({ length: 30 }).notNull(),
    user_id: bigintNumber().references(() => users.id, { onDelete: 'cascade' }),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    expires_at: timestamptz().notNull(),
  },
  (t) => [index('one_time_tokens_user_id_idx').on(t.user_id), index('one_time_tokens_expires_at_idx').on(t.expires_at)],
)

/** A key of a program that works for its owner, in one company. */
export const apiKeys = systemTable(
  'api_keys',
  {
    ...idMixin(),
    ...timestampMixin(),
    ...ofUserMixin(),
    ...companyScopedMixin(),
    name: varchar({ length: 100 }).notNull(),
    key_hash: varchar({ length: 64 }).notNull(),
    /** At most these; and of them only what the owner may do at that moment. */
    permissions: jsonb().$type<string[]>().notNull(),
    expires_at: timestamptz(),
    last_used_at: timestamptz(),
  },
  (t) => [unique('api_keys_key_hash_key').on(t.key_hash), index('api_keys_user_id_idx').on(t.user_id)],
)
