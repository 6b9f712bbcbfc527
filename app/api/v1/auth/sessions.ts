import { SessionParams, SessionsResponse } from '../../../schemas/auth.ts'
import { SessionService } from '../../../services/auth/sessions.ts'
import { requireSession, requireSessionToEnd } from '../../deps/auth.ts'
import { authOf } from '../../deps/origin.ts'
import { noContent, wholeList } from '../../http/replies.ts'
import type { App } from '../../http/type-provider.ts'

const tags = ['Authentication']

export async function sessionRoutes(app: App) {
  app.post(
    '/logout',
    { ...requireSessionToEnd(), schema: { tags, summary: 'End this session', response: { 204: noContent } } },
    async (request, reply) => {
      const { principal } = request
      await new SessionService(authOf(request)).end(principal.user.id, principal.session_id ?? '')
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/logout-all',
    { ...requireSessionToEnd(), schema: { tags, summary: 'End all of your sessions', response: { 204: noContent } } },
    async (request, reply) => {
      const { principal } = request
      await new SessionService(authOf(request)).endAll(principal.user.id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/sessions',
    { ...requireSession(), schema: { tags, summary: 'Where you are logged in', response: { 200: SessionsResponse } } },
    async ({ principal }) =>
      wholeList(await new SessionService(app.auth).list(principal.user.id, principal.session_id)),
  )

  app.delete(
    '/sessions/:id',
    {
      ...requireSession(),
      schema: { tags, summary: 'End one of your sessions', params: SessionParams, response: { 204: noContent } },
    },
    async (request, reply) => {
      const { principal, params } = request
      await new SessionService(authOf(request)).end(principal.user.id, params.id)
      return reply.code(204).send(null)
    },
  )
}
