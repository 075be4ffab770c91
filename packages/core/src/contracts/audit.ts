import type { Awaitable } from './awaitable'
import type { Json } from './json'

/** One type for each step of DESIGN section 3, in the past tense. */
export type AuditEventType =
  | 'request.created'
  | 'request.vote-cast'
  | 'request.edited'
  | 'request.approved'
  | 'request.rejected'
  | 'request.expired'
  | 'request.cancelled'
  | 'request.undeliverable'
  | 'request.lapsed'
  | 'request.invalidated'
  | 'request.reminded'
  | 'request.escalated'
  | 'execution.started'
  | 'execution.succeeded'
  | 'execution.failed'
  | 'execution.blocked'
  | 'execution.unknown'
  | 'execution.late-outcome'
  | 'execution.reconciled'
  | 'execution.recorded'
  | 'call.denied'
  | 'call.refused'
  | 'vote.refused'
  | 'delivery.sent'
  | 'delivery.failed'
  | 'credential.leased'
  | 'credential.issued'
  | 'credential.revoked'
  | 'credential.revocation-failed'
  | 'grant.created'
  | 'grant.endorsed'
  | 'grant.revoked'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'audit.degraded'
  | 'audit.restored'
  | 'gate.started'
  | 'gate.sealed'
  | 'gate.closed'

/**
 * What stands behind a commitment in an event: with it, anybody can see what was committed to; without it, nobody. Whoever
 * erases it erases the value, and no hash changes.
 */
export interface FieldOpening {
  /** Where the commitment stands: a JSON Pointer into the event's data, which lists it under `committed`. */
  readonly pointer: string
  /** Base64 of 32 random bytes: the key of the HMAC. */
  readonly salt: string
  /** What would stand there, had it not been committed. */
  readonly value: Json
}

/** One step, as it is recorded and published: pure JSON. Digests are over its RFC 8785 form. */
export interface AuditEvent {
  /** Facts of the step. Redacted: holds no secret and no raw argument that a rule hides. */
  readonly data: { readonly [key: string]: Json }
  /** `<subject>/<seq>`: equal events in two logs have equal ids. */
  readonly id: string
  /**
   * What stands behind the commitments in `data`, where there are any. No part of the event's canonical form: no hash
   * covers it, and a log keeps it beside, where it can be erased.
   */
  readonly openings?: readonly FieldOpening[]
  /** SHA-256 of the canonical form of the subject's previous event; `null` for its first. */
  readonly previous: string | null
  /** 1, 2, 3… within the subject. */
  readonly seq: number
  /** The gate that recorded it. */
  readonly source: string
  /** A request's or call's id, or the id of a step that stands alone. */
  readonly subject: string
  /** Milliseconds since the epoch, by the store's clock. For people; order is by chain. */
  readonly time: number
  readonly type: AuditEventType
}

/** Where events go. The one duty: what it acknowledged is not lost. */
export interface AuditSink {
  /** Names the log among those that tell one story. Stable over restarts. */
  readonly logId: string
  /**
   * Resolves when every event is durable, in the given order. Idempotent by event id. Rejecting means nothing may be
   * assumed about any of them; a sink that lost integrity rejects from then on.
   */
  append(events: readonly AuditEvent[]): Awaitable<void>
  /** Finishes what was accepted and releases what is held. Idempotent. */
  close(): Awaitable<void>
}
