type Combine = 'sum' | 'max' | 'first'

export interface MetricKind {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
  /** How the values of several processes become one. */
  combine: Combine
}

const counter = (help: string, ...labels: string[]) => kind('counter', help, labels)
const gauge = (help: string, ...labels: string[]) => kind('gauge', help, labels)
const histogram = (help: string, ...labels: string[]) => kind('histogram', help, labels)
const kind = (type: MetricKind['type'], help: string, labels: string[], combine: Combine = 'sum'): MetricKind => ({
  type,
  help,
  labels,
  combine,
})

/**
 * Every metric of our own. `docs/observability.md` and the dashboard are checked against it. No label may hold what a
 * caller chooses, nor whose it is: each value would be a time series that stays.
 */
export const METRICS = {
  fastvue_build_info: kind('gauge', 'Always 1; the labels say what runs', ['version', 'node'], 'first'),
  fastvue_workers: kind(
    'gauge',
    'Processes of this server, by whether this scrape has their numbers',
    ['state'],
    'first',
  ),
  fastvue_http_requests_total: counter('Requests that were answered', 'method', 'route', 'status'),
  fastvue_http_request_duration_seconds: histogram(
    'From the head of a request to the end of its reply',
    'method',
    'route',
  ),
  fastvue_http_requests_in_flight: gauge('Requests that are being answered'),
  fastvue_errors_total: counter('Replies with an error, by its code', 'code'),
  fastvue_threat_findings_total: counter('Requests that looked like an attack, by what it looked like', 'kind'),
  fastvue_database_connections: gauge('Connections to the database', 'state'),
  fastvue_database_waiting: gauge('Units of work that wait for a connection'),
  fastvue_database_query_duration_seconds: histogram('From sending a statement to its last row'),
  fastvue_cache_requests_total: counter('Values asked of a cache', 'cache', 'result'),
  fastvue_live_connections: gauge('Open WebSockets and event streams', 'kind'),
  fastvue_jobs: kind('gauge', 'Jobs in the queue, of the first 10000', ['name', 'state'], 'first'),
  fastvue_jobs_finished_total: counter('Attempts at jobs, by how they ended', 'name', 'result'),
} as const satisfies Record<string, MetricKind>

export type MetricName = keyof typeof METRICS
