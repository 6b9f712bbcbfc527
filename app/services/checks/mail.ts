import { pingMailServer } from '../../core/mail.ts'
import { type Check, otherMachine } from './check.ts'

export const mailChecks: Check[] = [
  {
    id: 'mail.E001',
    about: 'The mail server cannot be reached, or refuses the log-in',
    hint: 'Correct SMTP_URL: without it nobody gets a link for a new password',
    deploy: true,
    find: ({ settings: { SMTP_URL } }) =>
      SMTP_URL && pingMailServer(SMTP_URL).then(() => undefined, sentenceFor(SMTP_URL)),
  },
  {
    id: 'mail.W001',
    about: 'In production mail is written to a folder, and sent to nobody',
    hint: 'Set SMTP_URL: without it nobody gets a link for a new password',
    find: ({ production, settings: { SMTP_URL } }) =>
      production && !SMTP_URL ? 'SMTP_URL is not set: mail is written to var/outbox' : undefined,
  },
  {
    id: 'mail.W002',
    about: 'In production the links in mails lead to pages without TLS',
    hint: 'Set FRONTEND_URL to the https:// address of your pages',
    find: ({ production, settings: { FRONTEND_URL } }) =>
      production && FRONTEND_URL.startsWith('http:') ? `FRONTEND_URL is ${new URL(FRONTEND_URL).origin}` : undefined,
  },
  {
    id: 'mail.W003',
    about: 'In production mail may go to another machine in plain text, links for new passwords in it',
    hint: 'Use smtps://, or smtp://…?requireTLS=true',
    find({ production, settings: { SMTP_URL = '' } }) {
      if (!production || !SMTP_URL.startsWith('smtp:')) return undefined
      if (new URL(SMTP_URL).searchParams.get('requireTLS') === 'true') return undefined
      const host = otherMachine(SMTP_URL)
      return host && `SMTP_URL lets ${host} do without TLS`
    },
  },
  {
    id: 'mail.W004',
    about: 'In production mail is from an address that nobody can have: others take it for spam',
    hint: 'Set MAIL_FROM to an address of your domain',
    find({ production, settings: { MAIL_FROM } }) {
      const domain = /@([\w-]+(\.[\w-]+)+)>?$/.exec(MAIL_FROM.trim())?.[1]
      return production && !domain ? 'MAIL_FROM has no address with a domain' : undefined
    },
  },
  {
    id: 'oauth.E001',
    about: 'A log-in provider does not answer, or is not who it should be',
    hint: 'Correct OIDC_<NAME>_ISSUER: its /.well-known/openid-configuration must name the same issuer',
    deploy: true,
    async find({ settings: { OAUTH } }) {
      if (OAUTH.length === 0) return undefined
      const { isThere } = await import('../../core/oauth-client.ts')
      const there = await Promise.all(OAUTH.map(isThere))
      const away = OAUTH.filter((_, n) => !there[n])
      return away.length > 0 ? `No log-in with: ${away.map(({ name }) => name).join(', ')}` : undefined
    },
  },
]

/** What is said about an error, of which nothing is shown: it may quote what was sent. */
function sentenceFor(address: string) {
  const { host } = new URL(address)
  return (error: unknown) => {
    const isRefused = error instanceof Error && 'code' in error && error.code === 'EAUTH'
    return `The mail server ${host} ${isRefused ? 'refuses the log-in' : 'does not answer as one'} (SMTP_URL)`
  }
}
