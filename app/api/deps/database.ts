import type { FastifyReply, FastifyRequest } from 'fastify'
import { UnitOfWork } from '../../db/session.ts'
import { type Context, type Standing, createContext } from '../../services/context.ts'
import { releaseKey, rememberReply } from './idempotency.ts'
import { actorOf } from '../../middleware/actor.ts'
import type { App } from '../http/type-provider.ts'

/** Whether a method only reads (RFC 9110 §9.2.1). */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/**
 * The transaction of a request, in the company of the request: opened at the first statement, committed just before a
 * reply below 400 is sent, rolled back before any other. A GET gets a read-only one.
 */
export function openContext(request: FastifyRequest, standing: Standing & Pick<Context, 'everywhere'>): Context {
  const { engine, settings, cache } = request.server
  const { everywhere, company_id } = standing
  const reach = everywhere
    ? ({ role: 'fastvue_system', company_id: null } as const)
    : ({ role: 'fastvue_app', company_id } as const)
  const actor = isSafe(request.method) ? undefined : actorOf(request)
  const unit = new UnitOfWork(engine, { ...reach, readOnly: !actor, actor })
  request.unit = unit
  return createContext(unit, { ...standing, settings, cache, request_id: request.id })
}

/** Ends each request's unit of work. Registered once, in `createApp`. */
export function endUnitsOfWork(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { unit } = request
    if (!unit) return
    if (reply.statusCode >= 400) {
      await unit.rollback()
      return releaseKey(request)
    }
    await rememberReply(request, reply, payload)
    await unit.commit()
  })
  // The caller hung up before there was a reply.
  app.addHook('onResponse', endQuietly)
  app.addHook('onRequestAbort', async (request) => request.unit?.rollback())
}

const endQuietly = async (request: FastifyRequest, _reply: FastifyReply) => request.unit?.rollback()
