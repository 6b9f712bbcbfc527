import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { isLoopback, isThisMachine } from '../../core/addresses.ts'
import type { Settings } from '../../core/config.ts'

/** What a proxy on this machine gives itself away by (RFC 9110 §7.6.3, RFC 7239, and what came before them). */
const FORWARDED =
  /^(via|forwarded|x-forwarded-.*|x-original-.*|x-real-ip|(x|true|fly|cf|fastly)-(client|connecting)-ip)$/

/**
 * Whether a caller may see how the server is: who has `METRICS_TOKEN`; where there is none, who asks from this machine,
 * and directly. A proxy here would open it to everybody, and so would a page in a browser here whose name leads to us
 * (DNS rebinding).
 */
export function isOperator(
  { headers, socket }: FastifyRequest,
  { METRICS_TOKEN }: Pick<Settings, 'METRICS_TOKEN'>,
): boolean {
  if (METRICS_TOKEN !== undefined) return areEqual(headers.authorization ?? '', `Bearer ${METRICS_TOKEN}`)
  return (
    isLoopback(socket.remoteAddress ?? '') &&
    isThisMachine(URL.parse(`http://${headers.host}`)?.hostname ?? 'unreadable') &&
    !Object.keys(headers).some((name) => FORWARDED.test(name))
  )
}

/** In a time that does not depend on where they differ, nor on how long the second one is. */
function areEqual(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(wanted))
}
