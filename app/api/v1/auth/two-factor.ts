import { ErrorResponse } from '../../../schemas/common.ts'
import {
  BackupCodesResponse,
  TwoFactorProof,
  TwoFactorResponse,
  TwoFactorSetupResponse,
  TwoFactorVerifyRequest,
} from '../../../schemas/two-factor.ts'
import { TwoFactorService } from '../../../services/auth/two-factor.ts'
import { getCurrentUser, requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { noContent, nothing } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function twoFactorRoutes(app: App) {
  app.get(
    '/2fa',
    {
      ...requireSession(),
      schema: { tags, summary: 'Whether two-factor log-in is on', response: { 200: TwoFactorResponse } },
    },
    (request) => new TwoFactorService(authOf(request)).status(request.principal.user.id),
  )

  app.post(
    '/2fa/setup',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Get a secret for an authenticator app',
        response: { 200: TwoFactorSetupResponse, 400: ErrorResponse },
      },
    },
    (request) => new TwoFactorService(authOf(request)).setUp(getCurrentUser(request)),
  )

  app.post(
    '/2fa/verify',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Turn two-factor log-in on',
        body: TwoFactorVerifyRequest,
        response: { 200: BackupCodesResponse },
      },
    },
    async (request) => ({
      backup_codes: await new TwoFactorService(authOf(request)).enable(request.principal.user.id, request.body.code),
    }),
  )

  app.post(
    '/2fa/disable',
    {
      ...requireSession(),
      schema: { tags, summary: 'Turn two-factor log-in off', body: TwoFactorProof, response: { 204: noContent } },
    },
    (request, reply) =>
      nothing(reply, new TwoFactorService(authOf(request)).disable(request.principal.user.id, request.body)),
  )

  app.post(
    '/2fa/backup-codes',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Get new backup codes; the old ones end',
        body: TwoFactorProof,
        response: { 200: BackupCodesResponse },
      },
    },
    async (request) => ({
      backup_codes: await new TwoFactorService(authOf(request)).renewBackupCodes(
        request.principal.user.id,
        request.body,
      ),
    }),
  )
}
