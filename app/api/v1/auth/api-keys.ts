import { ApiKeyCreate, ApiKeyCreated, ApiKeysResponse } from '../../../schemas/api-key.ts'
import { IdParams } from '../../../schemas/common.ts'
import { ApiKeyService } from '../../../services/auth/api-keys.ts'
import { requireSession } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { created, noContent, nothing, wholeList } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['API keys']

export async function apiKeyRoutes(app: App) {
  app.get(
    '/',
    { ...requireSession(), schema: { tags, summary: 'Your API keys', response: { 200: ApiKeysResponse } } },
    async (request) => wholeList(await new ApiKeyService(authOf(request)).list(request.principal.user.id)),
  )

  app.post(
    '/',
    {
      ...requireSession(),
      schema: {
        tags,
        summary: 'Make a key for a program that works for you',
        body: ApiKeyCreate,
        response: { 201: ApiKeyCreated },
      },
    },
    async (request, reply) => {
      const { ctx, body } = request
      return created(reply, await new ApiKeyService(authOf(request)).create(ctx, body))
    },
  )

  app.delete(
    '/:id',
    {
      ...requireSession(),
      schema: { tags, summary: 'Delete one of your API keys', params: IdParams, response: { 204: noContent } },
    },
    (request, reply) =>
      nothing(reply, new ApiKeyService(authOf(request)).delete(request.principal.user.id, request.params.id)),
  )
}
