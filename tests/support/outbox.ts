import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A mail as its reader sees it. */
export interface Mail {
  /** The header fields as they were sent, folded lines joined. */
  headers: string[]
  to: string
  subject: string
  text: string
  /** Of the link in it. */
  token: string
}

/** The mails in an outbox folder, the oldest first. */
export function mailsIn(folder: string): Mail[] {
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : []
  return files.map((file) => parseMail(readFileSync(join(folder, file), 'utf8')))
}

/** Reads the source of a mail with one text part (RFC 5322, quoted-printable of RFC 2045). */
export function parseMail(source: string): Mail {
  const [head = '', body = ''] = source.split(/\r?\n\r?\n(.*)/s, 2)
  const headers = head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const field = (name: string) =>
    headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 2) ?? ''
  const isQuoted = field('content-transfer-encoding') === 'quoted-printable'
  const text = (isQuoted ? unquote(body) : body).replaceAll('\r\n', '\n')
  const token = /[?&]token=([\w-]+)/.exec(text)?.[1] ?? ''
  return { headers, to: field('to'), subject: field('subject'), text, token }
}

const unquote = (body: string) =>
  decodeURIComponent(
    body
      .replaceAll(/=\r?\n/g, '')
      .replaceAll('%', '%25')
      .replaceAll(/=([0-9A-F]{2})/g, '%$1'),
  )
