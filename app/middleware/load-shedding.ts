import type { FastifyInstance } from 'fastify'
import { AppError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'

const MODULE = 'app.middleware.load-shedding'

/** Answered also by a process that is too busy: who asks would restart it, or not see why it is slow. */
const ALWAYS: ReadonlySet<string | undefined> = new Set(['/health', '/health/ready', '/metrics'])

/**
 * Turns requests away with 503 and `Retry-After` while this process cannot keep up, which is seen by timers that are late: a
 * reply that comes after its caller has given up costs as much as one that is read. One long pause is none of that, and turns
 * nobody away. It ends by itself, at the first timer in time. Only who listens has a queue to shorten.
 */
export function loadShedding(app: FastifyInstance, { lateness, latePulses, pulse }: Limits): void {
  const busy = new AppError('overloaded', 'The server is busy; try again later')
  let due = Infinity
  let late = 0
  let isShedding = false

  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const now = performance.now()
    late = now - due > lateness ? late + 1 : 0
    due = now + pulse
    timer?.refresh() // an interval would tick twice after a pause
    if (isShedding === late >= latePulses) return
    isShedding = !isShedding
    if (isShedding) app.log.warn({ module: MODULE }, 'too busy: requests are turned away')
    else app.log.info({ module: MODULE }, 'requests are served again')
  }
  app.addHook('onListen', (done) => {
    due = performance.now() + pulse
    timer = setTimeout(look, pulse).unref()
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearTimeout(timer)
    done()
  })

  app.decorate('isShedding', () => isShedding)
  app.addHook('onRequest', (request, _reply, done) => {
    if (isShedding && !ALWAYS.has(request.routeOptions.url)) done(busy)
    else done()
  })
}
