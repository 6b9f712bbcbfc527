import { z } from 'zod'
import { Id, Timestamp, listResponse } from './common.ts'
import { Password } from './identity.ts'
import { PasskeyAssertion } from './passkey.ts'
import { LogInCode } from './two-factor.ts'
import { OwnUserResponse } from './user.ts'

/** Also form-encoded, as OAuth2's password flow sends it, so that the docs page can log in (RFC 6749 §4.3). */
export const LoginRequest = z
  .strictObject({
    username: z.string().min(1).max(255).meta({ description: 'Username or e-mail address' }),
    password: Password,
    two_factor_code: LogInCode,
    passkey: PasskeyAssertion.optional(),
    // What OAuth2 sends besides, and this log-in has no use for.
    grant_type: z.literal('password').optional(),
    scope: z.string().optional(),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
  })
  .meta({ id: 'LoginRequest' })

export const RefreshRequest = z
  .strictObject({ refresh_token: z.string().min(1).max(2000) })
  .meta({ id: 'RefreshRequest' })

export const SwitchCompanyRequest = z.strictObject({ company_id: Id }).meta({ id: 'SwitchCompanyRequest' })

export const SessionParams = z.strictObject({ id: z.uuid() })

export const SessionsResponse = listResponse(
  z.object({
    id: z.string(),
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    is_current: z.boolean(),
  }),
).meta({ id: 'Sessions' })

export const TokenResponse = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int().meta({ description: 'Seconds for which the access token is good' }),
  })
  .meta({ id: 'Tokens' })

export const LoginResponse = TokenResponse.extend({
  user: OwnUserResponse,
  companies: z.array(z.object({ id: Id, name: z.string(), code: z.string(), is_default: z.boolean() })),
  permissions: z.array(z.string()),
}).meta({ id: 'LoginResponse' })

export const PermissionsResponse = z
  .object({ permissions: z.array(z.string()), roles: z.array(z.string()), is_superuser: z.boolean() })
  .meta({ id: 'OwnPermissions' })
