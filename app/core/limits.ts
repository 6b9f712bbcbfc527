/**
 * What protects a process against requests that are too large, too slow or too many, in one place. None is a setting: what is
 * sane does not depend on where it runs (`BODY_LIMIT_MB` does). docs/robustness.md lists each, with what a caller gets.
 */
export const LIMITS = {
  /** All headers and the address together, in bytes. Node's own value. */
  headerBytes: 16 * 1024,
  /** Node's own 2000 lets a request carry headers that cost more to look at than to serve. Browsers send about 20. */
  headers: 100,
  /** Characters of path and query. What servers before us usually take (nginx: 8 kB). */
  addressLength: 8 * 1024,
  /** Filters, sorting and pages of one list are about 20. */
  queryParameters: 100,

  /** Arrays and objects inside each other. */
  jsonDepth: 50,
  /** Values and keys of one body. Each is looked at several times, so a body of many small ones costs most. */
  jsonValues: 50_000,
  /** Of a log-in form. It has 4. */
  formFields: 20,
  formBytes: 16 * 1024,

  /** Milliseconds until the headers are there: a phone with a bad line takes 2 s for 16 kB. */
  headersTimeout: 15_000,
  /** Milliseconds until the body is there too: 10 MB at 85 kB/s. */
  requestTimeout: 120_000,
  /** Milliseconds in which the rest of a body may arrive whose reply was sent already. It is dropped. */
  unreadTimeout: 15_000,
  /** Milliseconds in which nothing at all goes over a connection in either direction, as with a client that reads no reply. */
  silenceTimeout: 120_000,
  /** Longer than a proxy before us keeps an idle connection (60 s): it must be the one to close it, else requests are lost. */
  keepAliveTimeout: 75_000,
  /** From one look at slow requests to the next, in milliseconds. It is how late the two above may be. */
  checkInterval: 5000,
  /** Connections of one process. Live ones are limited below that, at 10,000. */
  connections: 12_000,

  /** Requests that wait for a connection to the database. They would wait for seconds, and then find nobody waiting for them. */
  waiting: 1000,
  /** How late timers may be, in milliseconds, and how often in a row, before requests are turned away. */
  lateness: 500,
  latePulses: 4,
  /** From one such look to the next. */
  pulse: 100,
} as const satisfies Record<string, number>

export type Limits = Record<keyof typeof LIMITS, number>
