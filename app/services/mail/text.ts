import type { Settings } from '../../core/config.ts'
import type { Message } from '../../core/mail.ts'

type MailSettings = Pick<Settings, 'FRONTEND_URL'>

/** One line of harmless characters: what people have written must not look like a header, or like more lines of ours. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1).toWellFormed()}…` : line
}

/** What people know the installation by. */
export const siteOf = ({ FRONTEND_URL }: MailSettings) => new URL(FRONTEND_URL).host
/** Of one job there is one mail, however often it is tried. */
const idOf = (settings: MailSettings, job_id: number) => `<job-${job_id}@${new URL(settings.FRONTEND_URL).hostname}>`
const why = ({ FRONTEND_URL }: MailSettings) =>
  `You get this mail because you want to be told by mail. Change that here:\n${FRONTEND_URL}/settings/notifications\n`

export interface Told {
  /** Nothing, of what is internal. */
  title: string | null
  preview: string | null
  company: string
  item_id: number | null
}

/** Says what is in the inbox, and where to read on. Of what is internal, only that it is there. */
export function notificationMail(settings: MailSettings, to: string, told: Told, job_id: number): Message {
  const company = oneLine(told.company, 100)
  const title = told.title === null ? `An internal message for you in ${company}` : oneLine(told.title, 150)
  const preview = told.preview === null ? '' : `\n${oneLine(told.preview, 500)}\n`
  const link = `${settings.FRONTEND_URL}/inbox${told.item_id === null ? '' : `/${told.item_id}`}`
  return {
    to,
    subject: title,
    messageId: idOf(settings, job_id),
    text: `${title}
${preview}
In ${company} at ${siteOf(settings)}:
${link}

${why(settings)}`,
  }
}

export interface DigestSection {
  company: string
  titles: (string | null)[]
  has_more: boolean
}

/** What is unread, company by company. */
export function digestMail(settings: MailSettings, to: string, sections: DigestSection[], job_id: number): Message {
  const blocks = sections.map(({ company, titles, has_more }) => {
    const lines = titles.map((title) => `- ${title === null ? 'An internal message' : oneLine(title, 150)}`)
    return [oneLine(company, 100), ...lines, ...(has_more ? ['- and more'] : [])].join('\n')
  })
  return {
    to,
    subject: `What you have not read at ${siteOf(settings)}`,
    messageId: idOf(settings, job_id),
    text: `${blocks.join('\n\n')}

Read it here:
${settings.FRONTEND_URL}/inbox

${why(settings)}`,
  }
}
