import { z } from 'zod'
import { Id, Timestamp, listResponse } from './common.ts'
import { PasskeyAssertion } from './passkey.ts'
import { LogInCode } from './two-factor.ts'

export const ProviderParams = z.strictObject({ provider: z.string().max(50) })

export const ProvidersResponse = listResponse(z.object({ name: z.string() })).meta({ id: 'OAuthProviders' })

/** Providers add parameters of their own (`iss`, `session_state`, …). */
export const CallbackQuery = z.looseObject({
  state: z.string().max(500).optional(),
  code: z.string().max(8000).optional(),
  error: z.string().max(500).optional(),
})

export const ExchangeRequest = z
  .strictObject({
    code: z.string().min(1).max(100),
    two_factor_code: LogInCode,
    passkey: PasskeyAssertion.optional(),
  })
  .meta({ id: 'OAuthExchangeRequest' })

export const OAuthAccountsResponse = listResponse(
  z.object({ id: Id, provider: z.string(), email: z.string(), created_at: Timestamp }),
).meta({ id: 'OAuthAccounts' })
