/** One fault of a request: where (`["body", "price"]`), what, and a stable word for it. */
export interface Fault {
  loc: (string | number)[]
  msg: string
  type: string
}

/** Every error a caller can get: code → HTTP status and default sentence. `docs/errors.md` lists the same rows. */
export const ERRORS = {
  bad_request: [400, 'The request cannot be carried out'],
  invalid_link: [400, 'This link was used, has expired or is incomplete; ask for a new one'],
  duplicate: [400, 'Already exists'],
  invalid_reference: [400, 'Refers to something that does not exist'],
  still_referenced: [400, 'Other records still refer to this one'],
  not_authenticated: [401, 'Not authenticated'],
  invalid_credentials: [401, 'Incorrect username or password'],
  account_locked: [401, 'Too many failed attempts; try again in 30 minutes'],
  two_factor_required: [401, 'Give the code of your second factor'],
  invalid_two_factor_code: [401, 'Incorrect code, or one that was used'],
  oauth_failed: [401, 'The log-in at the provider did not succeed; start again'],
  permission_denied: [403, 'Permission denied'],
  session_required: [403, 'An API key may not do this; log in'],
  company_forbidden: [403, 'You may not do this in that company'],
  no_company: [403, 'Choose a company first'],
  request_blocked: [403, 'The request was refused'],
  not_found: [404, 'Not found'],
  request_timeout: [408, 'The request did not arrive in time'],
  stale_version: [409, 'Somebody changed this record in the meantime; read it again and repeat your change'],
  conflict: [409, 'Another request changed the same data at the same moment; try again'],
  body_too_large: [413, 'The body is too large'],
  uri_too_long: [414, 'The address is too long or has too many parameters'],
  unsupported_media_type: [415, 'Send the body as application/json'],
  validation_error: [422, 'The request is not valid'],
  idempotency_mismatch: [422, 'This Idempotency-Key was used with another request'],
  upgrade_required: [426, 'Connect here with a WebSocket'],
  rate_limited: [429, 'Too many requests; try again later'],
  too_many_connections: [429, 'Too many connections are open; close one first'],
  headers_too_large: [431, 'The headers are too long or too many'],
  internal_error: [500, 'Internal server error'],
  database_unavailable: [503, 'The database cannot be reached'],
  provider_unavailable: [503, 'The provider does not answer; try again later or log in another way'],
  overloaded: [503, 'The request took too long; try again later'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type ErrorCode = keyof typeof ERRORS

/** An error whose text the caller may see. Anything else that is thrown becomes `internal_error`. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly detail: string | Fault[]

  constructor(code: ErrorCode, detail?: string | Fault[], options?: ErrorOptions) {
    const [status, message] = ERRORS[code]
    super(typeof detail === 'string' ? detail : message, options)
    this.code = code
    this.status = status
    this.detail = detail ?? message
  }
}

/** The `AppError` behind an error that a library has wrapped, if there is one. */
export function appErrorIn(error: unknown): AppError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) if (e instanceof AppError) return e
  return undefined
}
