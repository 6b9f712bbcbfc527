import { FastifyOtelInstrumentation } from '@fastify/otel'
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator, setGlobalErrorHandler } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { FastifyRequest } from 'fastify'
import type { Settings } from './config.ts'
import { inTime } from './in-time.ts'
import type { Tracing } from './tracing.ts'

// A collector that is away costs no more than this: spans in memory, a second or two of a stop.
const MOST_SPANS = 2048
const SEND_MS = 3000
const FLUSH_MS = 2000
const LONGEST_TEXT = 2000
// Errors of a collector that is away come with each batch.
const TELL_EVERY_MS = 60_000
/** Asked for all the time, or open for hours. */
const UNTRACED = /^(\/health(\/ready)?|\/metrics|\/api\/v1\/(ws|events))\/?(\?|$)/

/**
 * Sends spans to the collector of the settings, by OTLP over HTTP, in batches. A caller's `traceparent` (W3C) is carried
 * on. No span has a query string, a header, a body, a value of a statement or the text of an error.
 * @param tell told, at most once a minute, that they cannot be sent
 */
export function startTracing(
  { VERSION, ENVIRONMENT }: Pick<Settings, 'VERSION' | 'ENVIRONMENT'>,
  endpoint: string,
  tell: (error: unknown) => void,
): Tracing {
  const tellSeldom = seldom(tell)
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: SEND_MS })
  const batches = new WordlessSpans(exporter, { maxQueueSize: MOST_SPANS, exportTimeoutMillis: SEND_MS })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'fastvue',
      'service.version': VERSION,
      'deployment.environment.name': ENVIRONMENT,
    }),
    spanLimits: { attributeValueLengthLimit: LONGEST_TEXT },
    spanProcessors: [batches],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  setGlobalErrorHandler(tellSeldom)
  const requests = new FastifyOtelInstrumentation({
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => UNTRACED.test(url),
    requestHook: describe,
  })
  requests.setTracerProvider(provider)
  const tracer = provider.getTracer('fastvue', VERSION)

  return {
    plugin: requests.plugin(),
    within(request, work) {
      const { context: its } = request.opentelemetry()
      if (its) context.with(its, work)
      else work()
    },
    begin(name, attributes) {
      if (!trace.getActiveSpan()) return undefined
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes })
      return (code) => {
        if (code !== undefined)
          span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('db.response.status_code', code)
        span.end()
      }
    },
    run: (name, attributes, work) =>
      tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, attributes, root: true }, async (span) => {
        try {
          return await work()
        } finally {
          span.end()
        }
      }),
    ids() {
      const its = trace.getActiveSpan()?.spanContext()
      return its && { trace_id: its.traceId, span_id: its.spanId }
    },
    stop: () => inTime(provider.shutdown(), FLUSH_MS, new Error('The collector does not answer')).catch(tellSeldom),
  }
}

/** Sends how a request ended without the text of its error: that may quote a row, or a statement's values. */
class WordlessSpans extends BatchSpanProcessor {
  override onEnd(span: ReadableSpan): void {
    delete span.status.message
    super.onEnd(span)
  }
}

/** What a span says of its request. The library's own says the query string, too, and that may hold a token. */
function describe(span: ReturnType<typeof trace.getActiveSpan> & object, request: FastifyRequest): void {
  const route = request.routeOptions.url
  span.updateName(route === undefined ? request.method : `${request.method} ${route}`)
  span.setAttribute('url.path', request.url.split('?', 1)[0] ?? '')
  span.setAttribute('fastvue.request_id', request.id)
}

function seldom(tell: (error: unknown) => void): (error: unknown) => void {
  let until = 0
  return (error) => {
    if (performance.now() < until) return
    until = performance.now() + TELL_EVERY_MS
    tell(error)
  }
}
