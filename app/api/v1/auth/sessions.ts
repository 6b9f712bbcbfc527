import { SessionParams, SessionsResponse } from '../../../schemas/auth.ts'
import { SessionService } from '../../../services/auth/sessions.ts'
import { requireSession, requireSessionToEnd } from '../../deps/auth.ts'
import { authOf } from '../../deps/auth-parts.ts'
import { noContent, nothing, wholeList } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function sessionRoutes(app: App) {
  app.post(
    '/logout',
    { ...requireSessionToEnd(), schema: { tags, summary: 'End this session', response: { 204: noContent } } },
    (request, reply) =>
      nothing(
        reply,
        new SessionService(authOf(request)).end(request.principal.user.id, request.principal.session_id ?? ''),
      ),
  )

  app.post(
    '/logout-all',
    { ...requireSessionToEnd(), schema: { tags, summary: 'End all of your sessions', response: { 204: noContent } } },
    (request, reply) => nothing(reply, new SessionService(authOf(request)).endAll(request.principal.user.id)),
  )

  app.get(
    '/sessions',
    { ...requireSession(), schema: { tags, summary: 'Where you are logged in', response: { 200: SessionsResponse } } },
    async (request) => {
      const { user, session_id } = request.principal
      return wholeList(await new SessionService(authOf(request)).list(user.id, session_id))
    },
  )

  app.delete(
    '/sessions/:id',
    {
      ...requireSession(),
      schema: { tags, summary: 'End one of your sessions', params: SessionParams, response: { 204: noContent } },
    },
    (request, reply) =>
      nothing(reply, new SessionService(authOf(request)).end(request.principal.user.id, request.params.id)),
  )
}
