import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Settings } from './config.ts'

export interface Message {
  to: string
  subject: string
  text: string
  /** `<17@example.com>`: the same for the same mail, so that who gets it twice sees it once. Made up where it is left out. */
  messageId?: string
}

export interface Mailer {
  /** @throws Error when the server did not take it */
  send(message: Message): Promise<void>
  close(): Promise<void>
}

type MailSettings = Pick<Settings, 'SMTP_URL' | 'MAIL_FROM' | 'OUTBOX'>

/**
 * Sends mail by `SMTP_URL` or, without one, writes it to the outbox folder as .eml files, each named in the log. Headers are
 * built by the library from separate fields, so no value can add one.
 */
export function openMailer(settings: MailSettings, logger: Pick<Logger, 'info'>): Mailer {
  return settings.SMTP_URL ? smtpMailer(settings.SMTP_URL, settings.MAIL_FROM) : outboxMailer(settings, logger)
}

// The library is loaded at its first use: it is large, and a server has to start quickly.
const library = () => import('nodemailer')

function smtpMailer(url: string, from: string): Mailer {
  const open = async () => (await library()).createTransport({ url, pool: true, ...TIMEOUTS })
  let server: ReturnType<typeof open> | undefined
  return {
    send: async (message) => void (await (await (server ??= open())).sendMail({ from, ...message })),
    close: async () => (await server)?.close(),
  }
}

/** Whether a mail server would take mail: connects and logs in. @throws Error when not, within seconds */
export async function pingMailServer(url: string): Promise<void> {
  const server = (await library()).createTransport({ url, ...TIMEOUTS })
  try {
    await server.verify()
  } finally {
    server.close()
  }
}

function outboxMailer({ MAIL_FROM, OUTBOX }: MailSettings, logger: Pick<Logger, 'info'>): Mailer {
  return {
    async send(message) {
      const writer = (await library()).createTransport({ streamTransport: true, buffer: true })
      const { message: source } = await writer.sendMail({ from: MAIL_FROM, ...message })
      mkdirSync(OUTBOX, { recursive: true, mode: 0o700 })
      const file = join(OUTBOX, `${new Date().toISOString().replaceAll(':', '-')}-${crypto.randomUUID()}.eml`)
      await writeFile(file, source as Buffer, { mode: 0o600 })
      logger.info({ file, to: message.to }, 'mail written')
    },
    close: async () => {},
  }
}

// Milliseconds. Nobody waits for mail, but a server that stops waits for what has begun.
const TIMEOUTS = { connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 }
