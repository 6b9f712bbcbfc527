import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Tracing } from '../core/tracing.ts'

/** Traces requests, where there are traces. Before all other hooks and routes. */
export async function traceRequests(app: FastifyInstance, tracing: Tracing | undefined): Promise<void> {
  if (!tracing) return
  await app.register(tracing.plugin)
  // As in `currentRequests`: the end of a reply is told of from elsewhere.
  const enter = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => tracing.within(request, done)
  app.addHook('onResponse', enter)
}
