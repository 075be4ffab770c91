import type { Clock } from './clock'
import type { Json } from './json'
import type { Logger } from './logger'
import type { ReviewerSelector } from './policy'
import type { PersonRef, Principal } from './principal'
import type { RequestStatus } from './request'
import type { ReviewDocument, ReviewLimits } from './review'

/** Whom a message is for. */
export interface Recipients {
  /** The stages that are open, and who may vote in them. */
  readonly stages: readonly {
    readonly requirement: string
    readonly stage: string
    readonly reviewers: ReviewerSelector
    readonly atLeast: number
  }[]
  readonly purpose: 'ask' | 'remind' | 'escalate'
}

/** What sending came to. */
export interface Delivery {
  /** What the approver needs to find its message again (a channel and a timestamp). Stored; at most 2,000 characters. */
  readonly reference?: string
  /** Whom it reached. `everyone`: whoever may vote can see it. Leaving it out means `everyone`. */
  readonly reached?: 'everyone' | readonly PersonRef[]
}

/** A message that was sent, as given back to the approver. */
export interface SentDelivery {
  /** The id that `deliver` was given. */
  readonly id: string
  /** What `deliver` answered; `null` when that was nothing, or when its answer was lost: people may have the message or not. */
  readonly reference: string | null
}

/**
 * One change to the arguments, by the JSON Pointer (RFC 6901) under which the review document shows the place.
 *
 * - `value` replaces what stands there. In an object that exists it may name a new member, and in a list the place after
 *   the last element (and the next one after that, for several). `''` is the whole view.
 * - `remove` takes a member out of an object, or an element out of a list.
 *
 * Values are in the snapshot's JSON encoding, and stand for themselves: a date is `{ $type: 'date', value: '2026-…Z' }`.
 * What has a type of its own (a date, a bigint, a URL, bytes, a `Map`, a `Set`) is replaced as a whole, by its own type or
 * by `null`; no pointer leads into its encoding.
 */
export type ArgumentEdit =
  | { readonly path: string; readonly value: Json; readonly remove?: never }
  | { readonly path: string; readonly remove: true; readonly value?: never }

/** One vote, as a transport hands it in. */
export interface VoteInput {
  readonly requestId: string
  readonly decision: 'approve' | 'reject'
  /** Digest of the document that was shown. */
  readonly digest: string
  /** Verified by the transport; never taken from a payload (I5). */
  readonly actor: Principal
  readonly note?: string
  /**
   * With `approve`: what should be different. All pointers are read in the document that was shown, whatever their order;
   * what no change names keeps its value, whether the channel knows that or not. At most 1,000, and none inside another.
   */
  readonly edits?: readonly ArgumentEdit[]
  readonly proof?: string
}

/** Why a vote does not count. `not-found` is also said to those who may not know. */
export type VoteRefusal =
  | 'not-found'
  | 'not-human'
  | 'own-request'
  | 'assurance'
  | 'digest'
  | 'incomplete-view'
  | 'note-needed'
  | 'earlier-stage'
  | 'identity-unavailable'
  | 'edit-invalid'
  | 'edit-denied'
  | 'edit-unsupported'

/** The polite answer to every well-formed vote. Nothing but `counted` changed anything. */
export type VoteReceipt =
  | { readonly status: 'counted'; readonly requestStatus: RequestStatus; readonly message: string }
  | { readonly status: 'already-counted'; readonly requestStatus: RequestStatus; readonly message: string }
  | { readonly status: 'too-late'; readonly requestStatus: RequestStatus; readonly message: string }
  | {
      readonly status: 'refused'
      readonly reason: VoteRefusal
      readonly message: string
      readonly link?: string
    }

/** What a gate offers an approver. */
export interface ApproverHost {
  /** Casts a vote under the approver's name. Rejects only for malformed input and when the store or the audit log fails. */
  vote(input: VoteInput): Promise<VoteReceipt>
  /** The document as it stands now, complete unless `limits` are given; `null` when there is no such request. */
  get(requestId: string, limits?: ReviewLimits): Promise<ReviewDocument | null>
  /** Where a person can see the complete document, or `null`. */
  link(requestId: string): string | null
  /**
   * A value for a button: says which request, which document, which channel, and until when; a MAC by the gate's
   * secret makes it unusable anywhere else (T20). At most 200 characters plus the audience.
   */
  seal(value: SealedValue): string
  /** The value, if it is ours, for this audience, and not past its end; else `null`. */
  open(token: string, audience: string): SealedValue | null
  /**
   * Where somebody whom this transport verified can sign in once, so that this identity and the one they sign in with are
   * one person from then on; `null` when the gate has no such place. Good for ten minutes. Show it to that person alone.
   *
   * @param name - for people to read, on the page that asks whether it is theirs
   */
  invite(identity: PersonRef, name: string): string | null
  /** The canonical person behind an identity, or `null`. */
  identify(identity: PersonRef): Promise<PersonRef | null>
  /**
   * Whether somebody answers for the agent of a request, or is whom it acts for, and so never votes on it (I4). For leaving
   * out what they cannot use: the vote is judged by itself. Rejects when who they are cannot be read.
   */
  isOwn(requestId: string, identity: PersonRef): Promise<boolean>
  readonly clock: Clock
  readonly logger: Logger
}

/** What a button value states. */
export interface SealedValue {
  readonly requestId: string
  readonly digest: string
  /** The channel, conversation and tenant it may be pressed in. */
  readonly audience: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** One thing that an approver found when it looked whether it could reach people. */
export interface ApproverFinding {
  /** `problem`: somebody is not reached, or cannot decide. `warning`: it could not be told, or is to be looked at. */
  readonly status: 'ok' | 'warning' | 'problem'
  /** What is so, in one line of at most 1,000 characters, without any secret. */
  readonly message: string
  /** How to mend it, in one such line; `null` where nothing is to be done. */
  readonly fix: string | null
}

/** Carries requests to people and their votes back. */
export interface Approver {
  /** Unique in a gate; stands in the log with every vote. */
  readonly name: string
  /** What fits into one message. @default everything */
  readonly limits?: ReviewLimits
  /** It seals button values, so a gate without a secret must not start. @default false */
  readonly needsSecret?: boolean
  /** Its messages end with the process, as those at a terminal do: after a restart what waits is delivered anew. @default false */
  readonly transient?: boolean
  /** Called once before anything is delivered. A rejection keeps the gate from starting. */
  start?(host: ApproverHost): Promise<void>
  /**
   * Sends one message. `deliveryId` was stored first: sending twice under one id must leave one message (T51). Resolves
   * when people can see it; rejects when they cannot, and is then called again later with the same id. `signal` aborts at
   * the delivery's deadline.
   */
  deliver(review: ReviewDocument, to: Recipients, deliveryId: string, signal: AbortSignal): Promise<Delivery>
  /**
   * Makes a sent message show how things stand. Called in order, and maybe again for one state. Failing changes nothing but
   * the message: it is called again, with growing waits, until it resolves. A message that is no more, or whose channel is
   * no more, rejects with a `GatewrightError` of the code `ERR_MESSAGE_GONE`: that is recorded as `delivery.failed`, and the
   * message counts as one that reaches nobody. So does one without a reference that cannot be found by its id: an update
   * sends no message for a request that has ended.
   */
  update?(review: ReviewDocument, delivery: SentDelivery): Promise<void>
  /**
   * Looks whether people could be reached now, for `gatewright doctor`: credentials, permissions, the places that it was given.
   * Sends nobody anything, changes nothing, and works whether it was started or not. Once `signal` aborts it ends, with what
   * it has found or by rejecting.
   */
  check?(signal: AbortSignal): Promise<readonly ApproverFinding[]>
  /** Inbound HTTP, mounted by the server under `/approvers/<name>`. */
  handle?(request: Request): Promise<Response>
  /** Releases everything. Idempotent. */
  stop?(): Promise<void>
}
