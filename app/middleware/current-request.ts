import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { currentRequestId, inRequest } from '../core/current-request.ts'

/** Has everything that a request sets going know its id: `currentRequestId()`. Well under 1 µs a request. */
export function currentRequests(app: FastifyInstance): void {
  const enter = ({ id }: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
    if (currentRequestId() === id) done()
    else inRequest(id, done)
  }
  app.addHook('onRequest', enter)
  // The end of a reply is told of from elsewhere. (What follows a body is not: Fastify binds it.)
  app.addHook('onResponse', enter)
}
