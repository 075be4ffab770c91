import type { Requester } from './action'
import type { PolicyRecord, RiskAssessment } from './policy'
import type { PersonRef, Principal } from './principal'

/** Where a request stands (DESIGN section 3). The words never overlap: I10. */
export type RequestStatus =
  | 'pending'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'undeliverable'
  | 'lapsed'
  | 'invalidated'
  | 'executing'
  | 'succeeded'
  | 'failed'
  | 'blocked'
  | 'unknown'

/** Why a call may run. */
export type Basis = 'votes' | 'policy' | 'grant' | 'observe'

/** What a lookup of facts gave, kept as it was shown. */
export type ContextRecord =
  | {
      readonly status: 'available' /** Canonical JSON of the facts. */
      readonly value: string
      readonly digest: string
    }
  | { readonly status: 'unavailable'; readonly reason: string }

/** One change a reviewer made to the arguments. Values are redacted like everything shown. */
export interface EditChange {
  /** JSON Pointer into the named arguments. */
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** One reviewer's word on one request. */
export interface Vote {
  readonly id: string
  readonly decision: 'approve' | 'reject'
  /** As the transport verified them. */
  readonly actor: Principal
  /** The canonical person behind the actor: what quorums count and self-approval compares. */
  readonly person: PersonRef
  /** Digest of the arguments the vote is on. A vote on other arguments counts for nothing (I2). */
  readonly argumentsDigest: string
  /** Digest of the complete review document the vote is on. */
  readonly reviewDigest: string
  /** Stages the vote counts in: `[index of the requirement, index of the stage]`. */
  readonly countsIn: readonly (readonly [number, number])[]
  /**
   * Those of `countsIn` that had been escalated when the vote was cast, so that their escalation reviewers were asked too.
   * Left out when none had. It never grows: an escalation asks nobody who voted before it (T23).
   */
  readonly escalated?: readonly (readonly [number, number])[]
  readonly note: string | null
  /** What this vote changed about the arguments, if anything. */
  readonly changes: readonly EditChange[] | null
  /** Name of the approver that carried it. */
  readonly channel: string
  /** The store's time, in milliseconds since the epoch. */
  readonly at: number
  /** A signature over the vote statement by the reviewer's own key. Reserved for passkeys. */
  readonly proof?: string
}

/** Arguments as a reviewer changed them: a second record beside the proposed ones. */
export interface EditedArguments {
  readonly arguments: string
  readonly digest: string
  readonly by: PersonRef
  /** The editor's name, for people to read. */
  readonly byName: string
  /** Against the arguments they were made of, as shown. */
  readonly changes: readonly EditChange[]
  readonly at: number
}

/** What became of a request that will not run, in words. */
export interface Resolution {
  readonly reason: string
  /** The person, where a person decided. */
  readonly by: PersonRef | null
  readonly at: number
}

/** One controlled run. */
export interface Execution {
  /** Whoever holds it may record the outcome; nobody else (T52). */
  readonly fencingToken: string
  /** The process that runs it; its lease tells whether it still lives. */
  readonly processId: string
  readonly basis: Basis
  readonly grantId: string | null
  readonly startedAt: number
}

/** What a run came to. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'blocked' | 'unknown'
  readonly at: number
  readonly durationMs: number
  /** SHA-256 of the result's canonical JSON; `null` when the result cannot be encoded, or there is none. */
  readonly resultDigest: string | null
  /** A short description of the result or the error, redacted. */
  readonly summary: string
  /** Whether redaction changed the summary. */
  readonly redacted: boolean
}

/** How an action wants its requests to be shown. */
export interface ActionPresentation {
  readonly title: string | null
  readonly description: string | null
  /** JSON Pointers into the named arguments that are never shown in clear. */
  readonly redact: readonly string[]
  /** JSON Pointers into the named arguments that the log has as commitments only. */
  readonly personal: readonly string[]
}

/** How a request is shown, whichever process shows it: what its action says, and what its gate hides. */
export interface RequestPresentation extends ActionPresentation {
  /** Names of keys whose values the gate hides, beside those that are always hidden. */
  readonly redactKeys: readonly string[]
  /** Regular expressions that the gate hides inside texts. */
  readonly redactPatterns: readonly { readonly source: string; readonly flags: string }[]
}

/** Ids of the surrounding program, for people who look for the call later. */
export interface CallOrigin {
  readonly runId: string | null
  readonly callId: string | null
  /** The gated call this one was made from. */
  readonly parentRequestId: string | null
  /** W3C trace context. */
  readonly traceparent: string | null
  readonly model: string | null
  /** Which of the program's agents made the call, in the words of its framework. */
  readonly agent: string | null
}

/**
 * The durable record of a call that waits: pure JSON, immutable; every move makes a new one with the next version.
 * All times are the store's, in milliseconds since the epoch. All digests are SHA-256 in lower-case hex.
 */
export interface ApprovalRequest {
  readonly id: string
  /** Starts at 1; every transition adds 1. */
  readonly version: number
  readonly status: RequestStatus
  readonly action: string
  /** The snapshot: canonical JSON of the encoded positional arguments. What is digested is what runs (I2). */
  readonly arguments: string
  readonly argumentsDigest: string
  /** Names of positional arguments, or `null`. */
  readonly parameters: readonly string[] | null
  /** Types of the argument tree without its values, for finding similar requests. */
  readonly argumentShape: string
  /** Arguments that live only in the calling process stand in the snapshot as their facts; such a request cannot be resumed elsewhere. */
  readonly live: boolean
  readonly edited: EditedArguments | null
  /** How the action wants to be shown: kept here, so that every process shows the same document. */
  readonly presentation: RequestPresentation
  readonly requester: Requester
  readonly onBehalfOf: Principal | null
  /** The agent's own words. Untrusted. */
  readonly intent: string | null
  readonly origin: CallOrigin
  readonly context: ContextRecord | null
  readonly pins: Readonly<Record<string, string>> | null
  readonly risk: RiskAssessment
  readonly policy: PolicyRecord
  /** Digest of the idempotency key and attempt; unique in the store. `null`: the call is its own request. */
  readonly key: string | null
  /** 1, or one more than the failed attempt it follows. */
  readonly attempt: number
  /** The failed attempt that this one follows. */
  readonly retryOf: string | null
  /** Digest of the complete review document: what an approving vote must carry. */
  readonly reviewDigest: string
  readonly onOrphan: 'hold' | 'run'
  /** The process that made the call. */
  readonly processId: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly approvedAt: number | null
  /** An approval must be used by then. */
  readonly useBefore: number | null
  /** When time next changes something about it: a reminder, an escalation, expiry, lapse. `null`: never. */
  readonly dueAt: number | null
  readonly votes: readonly Vote[]
  /** Stages that were escalated: `[index of the requirement, index of the stage]`. */
  readonly escalated: readonly (readonly [number, number])[]
  /** When the present stages opened, for reminders and escalation. */
  readonly stageOpenedAt: number
  readonly reminders: number
  /** How it came to be approved. */
  readonly basis: Basis | null
  readonly grantId: string | null
  readonly resolution: Resolution | null
  readonly execution: Execution | null
  readonly outcome: Outcome | null
  /** Kept result (encoded), when the action keeps results. */
  readonly result: string | null
  /** Told by the holder of the fencing token after the outcome had become unknown. */
  readonly lateOutcome: Outcome | null
  readonly reconciliation: { readonly by: PersonRef; readonly note: string; readonly at: number } | null
  /**
   * Number and hash of the newest event, so that the next one continues the chain. `hash` is `''` once the request has ended
   * as anything but `unknown`: nothing follows, so the last event is not hashed; `eventHash` of that event tells it.
   */
  readonly lastEvent: { readonly seq: number; readonly hash: string }
}
