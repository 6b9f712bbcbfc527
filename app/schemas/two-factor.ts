import { z } from 'zod'
import { text } from './common.ts'
import { Password } from './identity.ts'

/** A TOTP or a backup code, with or without its dashes and spaces. One of another length is a wrong code, no broken request. */
export const TwoFactorCode = text(1, 100)

/** The same at log-in, where not everybody has one: null, and the empty field of a form, are none. */
export const LogInCode = z
  .string()
  .max(100)
  .nullish()
  .transform((code) => code || undefined)
  .meta({ description: 'A code of the authenticator app, or a backup code' })

export const TwoFactorResponse = z
  .object({ enabled: z.boolean(), backup_codes_left: z.int() })
  .meta({ id: 'TwoFactor' })

export const TwoFactorSetupResponse = z
  .object({
    secret: z.string().meta({ description: 'For who cannot scan the QR code; base32' }),
    otpauth_url: z.string(),
    qr_code: z.string().meta({ description: 'A PNG picture of `otpauth_url`, as a data: URL' }),
  })
  .meta({ id: 'TwoFactorSetup' })

export const TwoFactorVerifyRequest = z.strictObject({ code: TwoFactorCode }).meta({ id: 'TwoFactorVerify' })

/** Who sits at the session shows again that it is theirs. */
export const TwoFactorProof = z.strictObject({ password: Password, code: TwoFactorCode }).meta({ id: 'TwoFactorProof' })

export const BackupCodesResponse = z
  .object({ backup_codes: z.array(z.string()).meta({ description: 'Shown this once; each is good once' }) })
  .meta({ id: 'BackupCodes' })

export const PasskeyOptionsRequest = z
  .strictObject({
    password: Password,
    code: TwoFactorCode.optional().meta({ description: 'Needed where two-factor log-in is on' }),
  })
  .meta({ id: 'PasskeyOptionsRequest' })
