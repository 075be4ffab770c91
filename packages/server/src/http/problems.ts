import { GatewrightError } from '@gatewright/core'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { SignInError } from '../sign-in/sign-in'

/** An answer that is none: problem details (RFC 9457). What it says holds no argument and no secret. */
export interface Problem {
  /** Stable; decides. A `GatewrightError`'s code where there is one. */
  readonly code: string
  readonly status: ContentfulStatusCode
  readonly title: string
  readonly detail: string
  /** Which fields are not valid, and why. Their values are not repeated (T43). */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  /** Where a person can go on. */
  readonly link?: string
}

/** A problem, and what goes beside it. */
export interface Refusal {
  readonly problem: Problem
  /** After this time the same may succeed: `Retry-After`. Milliseconds; `null` where no time is known. */
  readonly retryAfterMs: number | null
}

/** A request that is refused before it reaches the gate. */
export class HttpProblem extends Error implements Refusal {
  readonly problem: Problem
  readonly retryAfterMs: number | null

  constructor(
    status: ContentfulStatusCode,
    code: string,
    detail: string,
    {
      retryAfterMs = null,
      ...more
    }: Pick<Problem, 'errors' | 'link'> & Partial<Pick<Refusal, 'retryAfterMs'>> = {},
  ) {
    super(detail)
    this.name = 'HttpProblem'
    this.problem = { code, status, title: titleOf(status), detail, ...more }
    this.retryAfterMs = retryAfterMs
  }
}

/** Said to whoever comes too often. */
export function tooManyRequests(retryAfterMs: number): HttpProblem {
  return new HttpProblem(429, 'rate-limited', 'Too many requests: wait a moment.', { retryAfterMs })
}

const STATUSES: Readonly<Record<string, ContentfulStatusCode>> = {
  ERR_REQUEST_NOT_FOUND: 404,
  ERR_ARGUMENTS_INVALID: 422,
  ERR_ARGUMENTS_UNSUPPORTED: 422,
  ERR_OPTION_INVALID: 422,
  ERR_VOTE_MALFORMED: 422,
  ERR_GRANT_INVALID: 422,
  ERR_LINK_INVALID: 422,
  ERR_KEY_CONFLICT: 409,
  ERR_CLAIM_REFUSED: 409,
  ERR_ALREADY_EXECUTED: 409,
  ERR_EXECUTION_BLOCKED: 409,
  ERR_EXECUTION_FAILED: 409,
  ERR_EXECUTION_UNKNOWN: 409,
  ERR_APPROVAL_DENIED: 403,
  ERR_APPROVAL_REJECTED: 409,
  ERR_APPROVAL_EXPIRED: 409,
  ERR_APPROVAL_CANCELLED: 409,
  ERR_APPROVAL_UNDELIVERABLE: 409,
  ERR_APPROVAL_LAPSED: 409,
  ERR_APPROVAL_INVALIDATED: 409,
  ERR_APPROVAL_COOLING_DOWN: 429,
  ERR_RATE_LIMITED: 429,
  ERR_IDENTITY_UNAVAILABLE: 503,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_AUDIT_UNAVAILABLE: 503,
  ERR_GATE_SEALED: 503,
  ERR_GATE_CLOSED: 503,
}

/** What is said of an error. Of one that nobody expected, nothing is: it may hold anything (T43). */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpProblem) return error
  if (error instanceof SignInError) {
    const status = error.reason === 'unavailable' ? 503 : 403
    return plain({ code: 'sign-in', status, title: titleOf(status), detail: error.message })
  }
  if (GatewrightError.isInstance(error)) {
    const status = STATUSES[error.code]
    const known = status && { code: error.code, status, title: titleOf(status), detail: error.message }
    if (known) return { problem: known, retryAfterMs: retryAfterOf(error) }
  }
  return plain({
    code: 'internal',
    status: 500,
    title: titleOf(500),
    detail:
      'Something went wrong here, and nothing was decided. The log of the server says what, by the id of this request.',
  })
}

function plain(problem: Problem): Refusal {
  return { problem, retryAfterMs: null }
}

/** What the gate's own limits say: an agent asks too often, or right after a rejection. */
function retryAfterOf(error: GatewrightError): number | null {
  return 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : null
}

function titleOf(status: ContentfulStatusCode): string {
  return TITLES[status] ?? 'Error'
}

const TITLES: Partial<Record<ContentfulStatusCode, string>> = {
  400: 'Malformed request',
  401: 'Not signed in',
  403: 'Refused',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported content',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Server error',
  503: 'Not available',
}
