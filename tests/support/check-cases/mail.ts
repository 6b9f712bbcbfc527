import { LoopbackServer } from '../loopback-server.ts'
import { mailServer } from '../mail-server.ts'
import { CLIENT, serveOidc } from '../oidc-server.ts'
import { type CheckCase, type Row, developing, given, good } from './case.ts'

const provider =
  (serve: (server: LoopbackServer) => void): Row =>
  async ({ undo }) => {
    const server = new LoopbackServer()
    await server.open()
    undo.defer(() => server.close())
    serve(server)
    const { client_id, client_secret } = CLIENT
    return {
      env: { OIDC_ACME_ISSUER: server.url, OIDC_ACME_CLIENT_ID: client_id, OIDC_ACME_CLIENT_SECRET: client_secret },
    }
  }

export const mailCases: Record<string, CheckCase> = {
  'mail.E001': {
    fails: [
      given({ SMTP_URL: 'smtp://user:hunter2@127.0.0.1:1' }),
      async ({ undo }) => {
        const { url } = undo.use(await mailServer({ refuse: true }))
        return { env: { SMTP_URL: url.replace('//', '//user:hunter2@') } }
      },
    ],
    says: /^The mail server 127\.0\.0\.1:\d+ (does not answer as one|refuses the log-in) \(SMTP_URL\)$/,
    passes: [given({ SMTP_URL: '' }), async ({ undo }) => ({ env: { SMTP_URL: undo.use(await mailServer()).url } })],
  },
  'mail.W001': {
    fails: [given({ SMTP_URL: '' })],
    says: /^SMTP_URL is not set: mail is written to var\/outbox$/,
    passes: [good, developing()],
  },
  'mail.W002': {
    fails: [given({ FRONTEND_URL: '' }), given({ FRONTEND_URL: 'http://user:hunter2@app.example.com/shop' })],
    says: /^FRONTEND_URL is http:\/\/(localhost:5173|app\.example\.com)$/,
    passes: [good, developing()],
  },
  'mail.W003': {
    fails: [
      given({ SMTP_URL: 'smtp://user:hunter2@mail.example.com:587' }),
      given({ SMTP_URL: 'smtp://mail.example.com:587?requireTLS=false' }),
    ],
    says: /^SMTP_URL lets mail\.example\.com:587 do without TLS$/,
    passes: [
      good,
      given({ SMTP_URL: 'smtp://user:hunter2@mail.example.com:587?requireTLS=true' }),
      given({ SMTP_URL: 'smtp://127.0.0.1:25' }),
      developing({ SMTP_URL: 'smtp://mail.example.com' }),
    ],
  },
  'mail.W004': {
    fails: [
      given({ MAIL_FROM: '' }),
      given({ MAIL_FROM: 'FastVue' }),
      given({ MAIL_FROM: 'root@localhost' }),
      given({ MAIL_FROM: 'FastVue <noreply@>' }),
    ],
    says: /^MAIL_FROM has no address with a domain$/,
    passes: [good, given({ MAIL_FROM: 'noreply@mail.example.co.uk' }), developing()],
  },
  'oauth.E001': {
    fails: [
      provider(() => {}), // 503
      provider((server) =>
        server.answerWith((_, response) => response.end(JSON.stringify({ issuer: 'https://elsewhere.example.com' }))),
      ),
    ],
    says: /^No log-in with: acme$/,
    passes: [
      good,
      provider((server) => serveOidc({ server, redirect_uris: ['https://api.example.com/'], person: () => undefined })),
    ],
  },
}
