import { once } from 'node:events'
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Asked {
  method?: string
  headers?: Record<string, string>
  /** An object is sent as JSON. */
  body?: object | string
  /** The caller's own address, any of 127.0.0.0/8. */
  from?: string
  agent?: Agent
}

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  /** As they came, each with its name before it. */
  rawHeaders: string[]
  text: string
  json: () => Record<string, unknown>
}

/** One request, sent as it is: from an address, to a path that nobody tidies up. @throws Error without a whole reply */
export async function ask(
  url: string,
  { method = 'GET', headers = {}, body, from, agent }: Asked = {},
): Promise<Reply> {
  const payload = typeof body === 'object' ? JSON.stringify(body) : body
  const { origin, host, hostname, port } = new URL(url)
  const sent = request({
    hostname,
    port,
    method,
    path: url.slice(origin.length) || '/',
    headers: {
      host,
      ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...headers,
    },
    ...(from && { localAddress: from }),
    ...(agent && { agent }),
  }).end(payload)
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  const said = await text(reply)
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    rawHeaders: reply.rawHeaders,
    text: said,
    json: () => JSON.parse(said) as Record<string, unknown>,
  }
}
