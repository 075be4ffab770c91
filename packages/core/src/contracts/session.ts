import type { Json } from './json'
import type { Principal } from './principal'
import type { Basis } from './request'

/** The controlled run of one call, as its function sees it. */
export interface Session {
  /** The request's id; for a call that policy allowed, the id under which it stands in the log. */
  readonly requestId: string
  readonly action: string
  /** Why it may run. */
  readonly basis: Basis
  /** SHA-256 of the arguments that run. */
  readonly argumentsDigest: string
  /** The people whose votes approved it. Empty unless `basis` is `votes`. */
  readonly reviewers: readonly Principal[]
  /** Aborts at the execution time-out, or when the caller gave up. */
  readonly signal: AbortSignal
  /** Secrets issued for this session, by the names of the action's `credentials`; revoked when it ends. */
  readonly credentials: Readonly<Record<string, unknown>>
  /**
   * Adds a fact to the log ("rows written: 17"). Redacted like everything else.
   *
   * @throws GatewrightError `ERR_AUDIT_UNAVAILABLE` when it could not be recorded
   */
  record(name: string, data: Json): Promise<void>
}
