import type { PersonRef } from './principal'

/** What a broker is told about the session that needs a credential. */
export interface CredentialSession {
  readonly requestId: string
  readonly action: string
  readonly requesterId: string
  readonly reviewers: readonly PersonRef[]
  readonly argumentsDigest: string
  readonly signal: AbortSignal
}

/** A credential that lives as long as one session. */
export interface IssuedCredential {
  /** Given to the function, never logged, never stored. */
  readonly secret: unknown
  /** Names the credential for revocation and in the log. Holds no secret. */
  readonly handle: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Issues and revokes short-lived credentials. */
export interface CredentialBroker {
  readonly name: string
  /** Called once the log holds the start and this lease. `leaseId` was stored first, so that a crash here leaves a trace to sweep. */
  issue(session: CredentialSession, leaseId: string): Promise<IssuedCredential>
  /** Ends the credential. Idempotent: unknown or already revoked handles resolve. */
  revoke(handle: string): Promise<void>
  /** The handle issued under a lease, if any, for sweeping after a crash. Leaving it out means such a credential can only expire. */
  find?(leaseId: string): Promise<string | null>
}
