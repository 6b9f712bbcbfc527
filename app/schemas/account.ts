import { z } from 'zod'
import { Email, NewPassword, Password, Username } from './identity.ts'

/** Of a link in a mail. */
const LinkToken = z.string().min(1).max(200)

export const ChangePasswordRequest = z
  .strictObject({ current_password: Password, new_password: NewPassword })
  .meta({ id: 'ChangePasswordRequest' })

export const ForgotPasswordRequest = z.strictObject({ email: Email }).meta({ id: 'ForgotPasswordRequest' })

export const ResetPasswordRequest = z
  .strictObject({ token: LinkToken, new_password: NewPassword })
  .meta({ id: 'ResetPasswordRequest' })

export const VerifyEmailRequest = z.strictObject({ token: LinkToken }).meta({ id: 'VerifyEmailRequest' })

export const RegisterRequest = z
  .strictObject({
    email: Email,
    username: Username,
    password: NewPassword,
    full_name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^\P{Cc}*$/u, 'must be one line, without control characters')
      .nullish(),
  })
  .meta({ id: 'RegisterRequest' })

/** The answer that is the same whatever happens next. */
export const AcceptedResponse = z
  .object({ message: z.string() })
  .meta({ id: 'Accepted', description: 'Accepted; what follows comes by mail' })
