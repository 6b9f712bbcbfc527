import { ErrorResponse, IdParams, listResponse } from '../../schemas/common.ts'
import {
  MessageCreate,
  MessageResponse,
  MessageUpdate,
  ReactionParams,
  ReplyQuery,
  ThreadQuery,
} from '../../schemas/message.ts'
import { MessageService } from '../../services/message.ts'
import { requireCaller, requireUser } from '../deps/auth.ts'
import { created, noContent, nothing } from '../http/replies.ts'
import type { App } from '../http/type-provider.ts'
import { followerRoutes } from './followers.ts'

// No route names a permission: a thread is for who may read its record, which only the record's model tells. To speak in it
// stands on none, so that is for people.
const tags = ['Messages']
// Bytes: the longest text there may be, in any script, and its HTML.
const bodyLimit = 1_000_000
const MessageList = listResponse(MessageResponse).meta({ id: 'MessageList' })
const one = { params: IdParams, response: { 200: MessageResponse } }

export async function messageRoutes(app: App) {
  await app.register(followerRoutes, { prefix: '/followers' })

  app.get(
    '/',
    {
      ...requireCaller(),
      schema: {
        tags,
        summary: 'List the messages of a record',
        querystring: ThreadQuery,
        response: { 200: MessageList, 404: ErrorResponse },
      },
    },
    ({ ctx, query }) => new MessageService(ctx).list(query, query),
  )

  app.post(
    '/',
    {
      ...requireUser(),
      bodyLimit,
      schema: {
        tags,
        summary: 'Write a message',
        body: MessageCreate,
        response: { 201: MessageResponse, 404: ErrorResponse },
      },
    },
    async ({ ctx, body }, reply) => created(reply, await new MessageService(ctx).send(body)),
  )

  app.get(
    '/pinned',
    {
      ...requireCaller(),
      schema: {
        tags,
        summary: 'List the pinned messages of a record',
        querystring: ThreadQuery,
        response: { 200: MessageList, 404: ErrorResponse },
      },
    },
    ({ ctx, query }) => new MessageService(ctx).listPinned(query, query),
  )

  app.get('/:id', { ...requireCaller(), schema: { tags, summary: 'Get a message', ...one } }, ({ ctx, params }) =>
    new MessageService(ctx).get(params.id),
  )

  app.patch(
    '/:id',
    {
      ...requireUser(),
      bodyLimit,
      schema: { tags, summary: 'Edit a message of your own', ...one, body: MessageUpdate },
    },
    ({ ctx, params, body }) => new MessageService(ctx).update(params.id, body),
  )

  app.delete(
    '/:id',
    {
      ...requireUser(),
      schema: { tags, summary: 'Delete a message', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new MessageService(ctx).delete(params.id)),
  )

  app.get(
    '/:id/replies',
    {
      ...requireCaller(),
      schema: {
        tags,
        summary: 'List the replies to a message',
        params: IdParams,
        querystring: ReplyQuery,
        response: { 200: MessageList },
      },
    },
    ({ ctx, params, query }) => new MessageService(ctx).listReplies(params.id, query),
  )

  app.put('/:id/pin', { ...requireUser(), schema: { tags, summary: 'Pin a message', ...one } }, ({ ctx, params }) =>
    new MessageService(ctx).pin(params.id),
  )

  app.delete(
    '/:id/pin',
    {
      ...requireUser(),
      schema: { tags, summary: 'Unpin a message', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new MessageService(ctx).unpin(params.id)),
  )

  app.put(
    '/:id/reactions/:emoji',
    {
      ...requireUser(),
      schema: { tags, summary: 'React to a message', params: ReactionParams, response: { 200: MessageResponse } },
    },
    ({ ctx, params }) => new MessageService(ctx).react(params.id, params.emoji),
  )

  app.delete(
    '/:id/reactions/:emoji',
    {
      ...requireUser(),
      schema: { tags, summary: 'Take a reaction back', params: ReactionParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new MessageService(ctx).unreact(params.id, params.emoji)),
  )

  app.post(
    '/:id/read',
    {
      ...requireUser(),
      schema: { tags, summary: 'Mark a message as read', params: IdParams, response: { 204: noContent } },
    },
    ({ ctx, params }, reply) => nothing(reply, new MessageService(ctx).read(params.id)),
  )
}
