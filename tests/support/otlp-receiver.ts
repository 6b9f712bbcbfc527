import { json } from 'node:stream/consumers'
import { LoopbackServer } from './loopback-server.ts'

type Value = { stringValue?: string; intValue?: number }
type Attribute = { key: string; value: Value }

/** A span as OTLP has it in JSON (opentelemetry-proto, trace.proto). */
export interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Attribute[]
  status: { code: number; message?: string }
  events: unknown[]
}

interface TraceRequest {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[]
}

/** Takes traces as a collector does: OTLP over HTTP, in JSON. */
export async function otlpReceiver() {
  const server = new LoopbackServer()
  const received: TraceRequest[] = []
  server.answerWith((request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/traces') response.writeHead(404).end()
    else
      void json(request).then((body) => {
        received.push(body as TraceRequest)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
  })
  await server.open()
  const resources = () => received.flatMap(({ resourceSpans }) => resourceSpans)
  return {
    url: server.url,
    spans: () => resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    resource: () => attributesOf(resources()[0]?.resource ?? { attributes: [] }),
    text: () => JSON.stringify(received),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

export const attributesOf = ({
  attributes,
}: {
  attributes: Attribute[]
}): Record<string, string | number | undefined> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))
