import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { type Mail, parseMail } from './outbox.ts'

/** What a mail server was given: the mail, and whom to bring it to. */
export interface Delivery extends Mail {
  recipients: string[]
}

/** A real SMTP server on loopback, which may refuse every log-in. Closed at the end of its block (`await using`). */
export async function mailServer({ refuse = false } = {}): Promise<
  { url: string; deliveries: Delivery[] } & AsyncDisposable
> {
  const deliveries: Delivery[] = []
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(refuse ? new Error('Who are you?') : null, { user: 'user' }),
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      const recipients = envelope.rcptTo.map(({ address }) => address)
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        deliveries.push({ ...parseMail(Buffer.concat(chunks).toString()), recipients })
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    deliveries,
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(closed)),
  }
}
