import type { FastifyPluginCallback, FastifyRequest } from 'fastify'

export type TraceAttributes = Record<string, string | number>

/**
 * Traces, where `OTEL_EXPORTER_OTLP_ENDPOINT` asks for them. What makes them (`open-telemetry.ts`) is loaded then, and
 * only then; everything else knows this much of it.
 */
export interface Tracing {
  /** Makes a span of each request. Registered before all hooks and routes. */
  plugin: FastifyPluginCallback
  /** Goes on as a part of the request's span. */
  within: (request: FastifyRequest, work: () => void) => void
  /**
   * Begins a span of a call to the database. Undefined where it would be a part of none.
   * @returns what ends it, with the error's code where it failed
   */
  begin: (name: string, attributes: TraceAttributes) => ((code?: string) => void) | undefined
  /** Runs work that no request waits for as a span of its own. */
  run: <R>(name: string, attributes: TraceAttributes, work: () => Promise<R>) => Promise<R>
  /** What finds the current span again. */
  ids: () => { trace_id: string; span_id: string } | undefined
  /** Sends what has not been sent, within some seconds. */
  stop: () => Promise<void>
}
