import type { Check } from './check.ts'

export const mailChecks: Check[] = [
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
      production && FRONTEND_URL.startsWith('http:') ? `FRONTEND_URL is ${FRONTEND_URL}` : undefined,
  },
]
