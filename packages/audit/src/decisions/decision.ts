import type { DecisionException } from './exceptions'

/** What a decision was about: a request that waited or could have, a call that policy allowed, or one that was not let through. */
export type DecisionKind = 'request' | 'direct' | 'denied' | 'refused'

/** Somebody, as an event names them. A part that the log keeps as a commitment reads `(committed)`. */
export interface NamedPerson {
  readonly name: string | null
  readonly issuer: string
  readonly subject: string
  /** `human`, `agent` or `service`, where the event says so. */
  readonly type: string | null
  /** How their identity was verified: `sso`, `local`, … */
  readonly method: string | null
  readonly acr: string | null
  /** When they had signed in, in milliseconds since the epoch. */
  readonly signedInAt: number | null
  /** Equal for equal people; `null` when issuer or subject is a commitment, and nobody can be told from anybody else. */
  readonly key: string | null
}

/** One vote. */
export interface DecisionVote {
  readonly at: number
  readonly decision: 'approve' | 'reject'
  /** The identity that voted. */
  readonly actor: NamedPerson
  /** Key of the canonical person behind it; `null` as in {@link NamedPerson.key}. */
  readonly person: string | null
  readonly channel: string | null
  readonly note: string | null
  readonly argumentsDigest: string | null
  /** It was cast on the arguments that were approved in the end. */
  readonly counts: boolean
}

/** How many people had to approve, and how many did. */
export interface Quorum {
  /** Distinct people that the requirements ask for. */
  readonly required: number
  /** Distinct people who approved the arguments that stood in the end. */
  readonly approved: number
  /** The log holds the approval, and at least as many people approved as were required. */
  readonly met: boolean
  /** Each stage in words: `security: 2 of group security`. */
  readonly stages: readonly string[]
}

/** How a request ended, or stands. */
export interface Resolution {
  readonly status:
    | 'pending'
    | 'approved'
    | 'rejected'
    | 'expired'
    | 'cancelled'
    | 'undeliverable'
    | 'lapsed'
    | 'invalidated'
    | 'denied'
    | 'refused'
  readonly at: number
  readonly by: NamedPerson | null
  readonly reason: string | null
}

/** What an execution came to. */
export type OutcomeStatus = 'succeeded' | 'failed' | 'blocked' | 'unknown'

/** One execution: from its start to what became of it. */
export interface Execution {
  readonly startedAt: number
  readonly argumentsDigest: string | null
  /** `null` when no log holds an outcome. */
  readonly outcome: OutcomeStatus | null
  readonly endedAt: number | null
  readonly durationMs: number | null
  readonly resultDigest: string | null
  /** Redacted words about the result or the error. */
  readonly summary: string | null
  /** An unknown outcome that became known later. */
  readonly late: { readonly status: string; readonly at: number; readonly resultDigest: string | null } | null
  /** What a person found out about an unknown outcome. */
  readonly reconciled: {
    readonly by: NamedPerson | null
    readonly note: string | null
    readonly at: number
  } | null
}

/** One credential of a session: ids, never secrets. */
export interface DecisionCredential {
  readonly leaseId: string
  readonly broker: string | null
  readonly handle: string | null
  readonly issuedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly revocationFailedAt: number | null
}

/** A rule's answer. */
export interface DecisionRule {
  readonly id: string
  readonly version: number | null
  readonly effect: string
  readonly failed: boolean
  readonly reason: string | null
}

/** A standing grant. */
export interface DecisionGrant {
  readonly id: string
  readonly action: string
  readonly requesterId: string
  readonly givers: readonly NamedPerson[]
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly uses: number | null
  readonly used: number
  readonly note: string | null
  readonly revoked: {
    readonly at: number
    readonly by: NamedPerson | null
    readonly reason: string | null
  } | null
}

/** Where an event of the decision stands. */
export interface DecisionPlace {
  readonly directory: string
  /** Index of the entry in its log, from 0. */
  readonly index: number
}

/** Everything that logs tell about one privileged action: who asked, who decided, what ran. Texts are as they stand in the log. */
export interface Decision {
  /** The request's or call's id. */
  readonly id: string
  readonly kind: DecisionKind
  /** The gate that recorded it. */
  readonly source: string
  /** Time of its first and its newest event. */
  readonly firstAt: number
  readonly lastAt: number
  /** Its start in the log of whoever executed it; its first event, where nothing ran. */
  readonly place: DecisionPlace
  readonly action: string
  readonly agent: { readonly id: string; readonly name: string | null; readonly owner: NamedPerson | null }
  readonly model: string | null
  readonly onBehalfOf: NamedPerson | null
  /** The agent's own words. */
  readonly intent: string | null
  /** `[JSON Pointer, redacted text]` for each leaf, as proposed. */
  readonly arguments: readonly (readonly [string, string])[]
  /** Of what was proposed. */
  readonly proposedDigest: string | null
  /** Of what stood in the end: the proposed arguments, or the edited ones. */
  readonly argumentsDigest: string | null
  /** Changes that reviewers made: `[JSON Pointer, before, after]`. */
  readonly edits: readonly (readonly [string, string, string])[]
  readonly risk: string | null
  readonly rules: readonly DecisionRule[]
  readonly policyHash: string | null
  /** `votes`, `policy`, `grant` or `observe`; `null` while nothing stands for it. */
  readonly basis: string | null
  readonly grant: DecisionGrant | null
  readonly expiresAt: number | null
  /** `null` where nobody had to vote. */
  readonly quorum: Quorum | null
  readonly votes: readonly DecisionVote[]
  /** The attempt whose votes this one carries over. */
  readonly retryOf: string | null
  readonly resolution: Resolution
  readonly execution: Execution | null
  readonly credentials: readonly DecisionCredential[]
  /** Steps that the running function recorded. */
  readonly recordedSteps: number
  /**
   * Whether everybody whose approval counts is another person than the agent's owner and whom it acts for. `null`:
   * nobody approved, or identities are committed and cannot be compared.
   */
  readonly separated: boolean | null
  readonly exceptions: readonly DecisionException[]
}
