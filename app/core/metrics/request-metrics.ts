import { Histogram } from './histogram.ts'
import { type MetricReport, histogramReport, reportOf } from './report.ts'

/** What is counted of one method of one route. */
export interface RouteMetrics {
  method: string
  route: string
  durations: Histogram
  statuses: Map<number, number>
  /** A connection that stays is no request in flight, and has no duration worth knowing. */
  stays: boolean
}

/** The label of everything that no route answers: an address is its sender's choice. */
const UNMATCHED = 'unmatched'
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** What of a route Fastify knows at each request: the same object each time. */
export interface RouteConfig {
  url?: string
  live?: boolean
}

/** Requests by method, route and status. What a request needs is found by its route, without putting labels together. */
export class RequestMetrics {
  readonly #byRoute = new Map<RouteConfig, Map<string, RouteMetrics>>()
  readonly #unmatched = new Map<string, RouteMetrics>()
  inFlight = 0

  /** Where a request is counted. */
  of(config: RouteConfig | undefined, method: string): RouteMetrics {
    const methods = config?.url === undefined ? this.#unmatched : this.#methodsOf(config)
    const known = METHODS.has(method) ? method : 'OTHER'
    const found = methods.get(known)
    if (found) return found
    const stays = config?.live === true
    const made = {
      method: known,
      route: config?.url ?? UNMATCHED,
      durations: new Histogram(),
      statuses: new Map(),
      stays,
    }
    methods.set(known, made)
    return made
  }

  begin({ stays }: RouteMetrics): void {
    if (!stays) this.inFlight += 1
  }

  /** @param ms milliseconds since it began */
  end(route: RouteMetrics, status: number, ms: number): void {
    route.statuses.set(status, (route.statuses.get(status) ?? 0) + 1)
    if (route.stays) return
    this.inFlight -= 1
    route.durations.observe(ms)
  }

  report(): MetricReport[] {
    const all = [this.#unmatched, ...this.#byRoute.values()].flatMap((methods) => [...methods.values()])
    const timed = all.filter(({ stays, statuses }) => !stays && statuses.size > 0)
    return [
      reportOf(
        'fastvue_http_requests_total',
        all.flatMap(({ method, route, statuses }) =>
          [...statuses].map(([status, count]) => [[method, route, String(status)], count] as const),
        ),
      ),
      histogramReport(
        'fastvue_http_request_duration_seconds',
        timed.map(({ method, route, durations }) => [[method, route], durations]),
      ),
      reportOf('fastvue_http_requests_in_flight', [[[], this.inFlight]]),
    ]
  }

  #methodsOf(config: RouteConfig): Map<string, RouteMetrics> {
    const known = this.#byRoute.get(config) ?? new Map<string, RouteMetrics>()
    this.#byRoute.set(config, known)
    return known
  }
}
