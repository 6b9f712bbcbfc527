import { ErrorResponse, listResponse } from '../../schemas/common.ts'
import { FollowerQuery, FollowerResponse, FollowersInput, RecordQuery } from '../../schemas/message.ts'
import { FollowerService } from '../../services/threads/followers.ts'
import { requireUser } from '../deps/auth.ts'
import { noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'

const tags = ['Messages']
const FollowerList = listResponse(FollowerResponse).meta({ id: 'FollowerList' })

export async function followerRoutes(app: App) {
  app.get(
    '/',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'List who follows a record',
        querystring: FollowerQuery,
        response: { 200: FollowerList, 404: ErrorResponse },
      },
    },
    ({ ctx, query }) => new FollowerService(ctx).list(query, query),
  )

  app.put(
    '/',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'Follow a record, or let others follow it',
        querystring: RecordQuery,
        body: FollowersInput,
        response: { 204: noContent, 404: ErrorResponse },
      },
    },
    ({ ctx, query, body }, reply) => nothing(reply, new FollowerService(ctx).follow(query, body?.user_ids)),
  )

  app.delete(
    '/',
    {
      ...requireUser(),
      schema: {
        tags,
        summary: 'Follow a record no longer',
        querystring: RecordQuery,
        response: { 204: noContent, 404: ErrorResponse },
      },
    },
    ({ ctx, query }, reply) => nothing(reply, new FollowerService(ctx).unfollow(query)),
  )
}
