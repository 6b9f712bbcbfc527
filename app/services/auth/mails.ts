import type { Settings } from '../../core/config.ts'
import type { Message } from '../../core/mail.ts'
import { siteOf } from '../mail/text.ts'

/** Who a mail is about. Nothing else that users have chosen is in a mail: it could be anybody's text to a stranger. */
interface Account {
  email: string
  username: string
}
type MailSettings = Pick<Settings, 'FRONTEND_URL'>
type Mail = (settings: MailSettings, account: Account, token: string) => Message

/** A link that sets a new password. */
export const resetMail: Mail = (settings, { email, username }, token) => ({
  to: email,
  subject: 'Set a new password',
  text: `Somebody, probably you, asked for a new password for the account ${username}
at ${siteOf(settings)}. Set it here, within an hour:

${settings.FRONTEND_URL}/reset-password?token=${token}

If it was not you, do nothing: the password stays as it is.
`,
})

/** The answer to a registration by somebody who has an account. */
export const alreadyRegisteredMail: Mail = (settings, { email, username }, token) => ({
  to: email,
  subject: 'You already have an account',
  text: `Somebody, probably you, wanted to register with this address
at ${siteOf(settings)}. You have an account there already: ${username}.
If you have forgotten its password, set a new one here, within an hour:

${settings.FRONTEND_URL}/reset-password?token=${token}

If it was not you, do nothing: nothing has changed.
`,
})

/** A link that shows that the address is the user's own. */
export const verificationMail: Mail = (settings, { email, username }, token) => ({
  to: email,
  subject: 'Confirm your e-mail address',
  text: `Please confirm that this is the address of your account ${username}
at ${siteOf(settings)}, within 7 days:

${settings.FRONTEND_URL}/verify-email?token=${token}

If you have no such account, do nothing.
`,
})

/** A link that opens the account somebody has registered for. */
export const registrationMail: Mail = (settings, { email, username }, token) => ({
  to: email,
  subject: 'Confirm your registration',
  text: `Somebody, probably you, registered as ${username} with this address
at ${siteOf(settings)}. Open the account here, within 7 days:

${settings.FRONTEND_URL}/verify-email?token=${token}

If it was not you, do nothing: without this link there is no account.
`,
})
