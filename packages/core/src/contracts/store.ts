import type { AuditEvent } from './audit'
import type { Awaitable } from './awaitable'
import type { StandingGrant } from './policy'
import type { CanonicalPerson, PersonRef, Principal } from './principal'
import type { ApprovalRequest, RequestStatus } from './request'

/** What remains of a key after its request was deleted by retention: enough to refuse a second run (I3). */
export interface KeyTombstone {
  readonly key: string
  readonly requestId: string
  readonly argumentsDigest: string
  readonly status: RequestStatus
}

/** A fact that counts for a while: a cool-down. */
export interface Mark {
  readonly key: string
  /** The store's time from which on it no longer counts: at that very instant it is over. */
  readonly until: number
  readonly value: string
}

/** One move of one request: applied whole, or not at all. */
export interface Transition {
  readonly fromVersion: number
  /** The request after the move; `next.version` is `fromVersion + 1`. */
  readonly next: ApprovalRequest
  /** Recorded in the same transaction (I7). They go on where the request's chain stands: `checkTransition` tells. */
  readonly events: readonly AuditEvent[]
  /** Applied only if the store's clock has not passed this time; at that very instant it is. */
  readonly notAfter?: number
  /** Applied only if the store's clock has reached this time; at that very instant it is. */
  readonly notBefore?: number
  /**
   * A use of this grant is taken in the same transaction; without one left, or revoked, or expired, nothing is applied.
   * Taking it raises the grant's version, so that nobody who read the grant before can write the use back (I3).
   */
  readonly useGrant?: string
  /** Set in the same transaction, in place of the mark that has its key. */
  readonly mark?: Mark
}

/** Why a transition was not applied. `request` is what the store holds now. */
export type TransitionRefusal =
  | {
      readonly applied: false
      readonly reason: 'conflict' | 'late' | 'early' | 'grant'
      readonly request: ApprovalRequest
    }
  | { readonly applied: false; readonly reason: 'missing'; readonly request: null }

/** The answer to a transition. */
export type TransitionResult =
  | { readonly applied: true; readonly request: ApprovalRequest }
  | TransitionRefusal

/** The answer to creating a request. */
export type CreateResult =
  | { readonly created: true; readonly request: ApprovalRequest }
  | { readonly created: false; readonly request: ApprovalRequest }
  | { readonly created: false; readonly request: null; readonly tombstone: KeyTombstone }

/** Which requests to list, as they stand now. All that are given must hold; texts are compared whole and exactly. */
export interface RequestFilter {
  /** One of these. An empty list matches nothing. */
  readonly status?: RequestStatus | readonly RequestStatus[]
  readonly action?: string
  readonly requesterId?: string
  readonly runId?: string
  /** Of this shape of arguments. With `action`, a store finds them without reading others. */
  readonly argumentShape?: string
  /** Created later than this: not at that very instant. */
  readonly createdAfter?: number
  /** Created earlier than this: not at that very instant. */
  readonly createdBefore?: number
}

/**
 * A page of a listing, newest request first: by `createdAt`, or by the order in which they were saved. Requests of one
 * instant come in any order that stays the same, so that pages hold each of them once.
 */
export interface RequestPage {
  readonly requests: readonly ApprovalRequest[]
  /**
   * Give it back to go on; `null` at the end. Opaque. It stays good while requests come, move and are forgotten, also the
   * one that it stands on; requests that came since it was given are not on the pages that follow.
   */
  readonly cursor: string | null
}

/** One message to people, saved before it is sent (T51). */
export interface DeliveryRow {
  readonly id: string
  readonly requestId: string
  readonly approver: string
  /** Stages it asks: `[index of the requirement, index of the stage]`. */
  readonly stages: readonly (readonly [number, number])[]
  /**
   * `folded`: a twin's message stands for it. `kept`: no message, but the note that another process than its sender changes
   * the one whose id is the `reference`.
   */
  readonly status: 'sending' | 'delivered' | 'failed' | 'folded' | 'kept'
  readonly attempts: number
  /**
   * The store's time at which any process that has the approver looks at it again: to send it, while `sending`; else to see
   * that it shows how its request stands. `null`: it shows the end of its request, or nothing more can be done about it.
   */
  readonly nextAttemptAt: number | null
  /** What the approver needs to find its message again. */
  readonly reference: string | null
  /** Whom it reached. `everyone`: whoever may vote can see it. */
  readonly reached: 'everyone' | readonly PersonRef[]
  /** The request's version the message last showed. */
  readonly shownVersion: number
  readonly error: string | null
}

/** A credential about to be issued, or issued and not yet revoked. */
export interface CredentialLease {
  readonly id: string
  readonly requestId: string
  /** The process whose session it is for. */
  readonly processId: string
  readonly broker: string
  readonly handle: string | null
  /** When its process last said, by the store's clock, that it is about to issue, or has issued. */
  readonly createdAt: number
}

/**
 * Where requests live. Every method either does what it says durably, or rejects; a rejection means "not known", and
 * nothing runs on it. Values handed in and out are immutable and shared by nobody else.
 *
 * - **Time** is the store's own: conditions, leases, marks, grants and windows are judged by one clock, however many
 *   processes there are (T49).
 * - **Order** is promised within one subject: its events come back in the order of its chain. Nothing relies on an order
 *   across subjects, and no global sequence is needed.
 * - **Text** is whatever JavaScript takes for a string, in every field and key: NUL, lone surrogates, any length. A store
 *   that speaks UTF-8 keeps JSON's escapes; PostgreSQL takes NUL in neither `text` nor `jsonb`, and needs `bytea` or an
 *   escape of its own. Texts are compared code unit by code unit: without case folding, collation or trimming.
 * - **Numbers** are doubles and come back exactly; times go up to 8,640,000,000,000,000.
 * - **Limits** are whole numbers from 1; a list that takes one holds that many at the most.
 *
 * The conformance suite of `@gatewright/testing` tests what stands here.
 */
export interface ApprovalStore {
  /** The store's clock as best known here, without asking it. Conditions of a transition are judged by the store itself. */
  now(): number

  /**
   * Saves a new request with its events: `checkCreation` tells whether it can be one. With a key that exists already, saves
   * nothing and answers with the holder of the key as it stands now. An id that exists is never overwritten: it is refused
   * with `ERR_TRANSITION_ILLEGAL`.
   */
  create(request: ApprovalRequest, events: readonly AuditEvent[]): Awaitable<CreateResult>
  /**
   * Compare-and-set on the version: of any number of transitions from one version, one is applied. Conditions are looked at
   * in the order missing, conflict, late, early; then `checkTransition` tells whether the move can be at all; then the
   * grant. What was refused left nothing behind. A finished request may still be moved: `unknown` is explained later.
   */
  transition(transition: Transition): Awaitable<TransitionResult>
  get(id: string): Awaitable<ApprovalRequest | null>
  /** Those that exist, in any order. */
  getMany(ids: readonly string[]): Awaitable<readonly ApprovalRequest[]>
  /** The holder of a key as it stands now, or what retention left of it. */
  getByKey(key: string): Awaitable<ApprovalRequest | KeyTombstone | null>
  /** A page of the requests that the filter matches. `limit` is 100 unless said; only the last page may hold fewer. */
  list(
    filter: RequestFilter,
    page?: { readonly cursor?: string | null; readonly limit?: number },
  ): Awaitable<RequestPage>
  /**
   * Decided requests (`isDecided`) of the same action and argument shape, as they stand now: newest first, by when they were
   * decided or created. A store may remember the newest 20 of a kind only.
   */
  similar(action: string, argumentShape: string, limit: number): Awaitable<readonly ApprovalRequest[]>
  /** Requests whose `dueAt` is now or past, earliest first, and when the next one after those is due, past or not. */
  due(
    limit: number,
  ): Awaitable<{ readonly requests: readonly ApprovalRequest[]; readonly nextAt: number | null }>
  /** Calls back with ids of requests that may have changed, by any process, until the signal aborts. A hint: it may lose or repeat. */
  changes(listener: (requestIds: readonly string[]) => void, signal: AbortSignal): void
  /**
   * Deletes a finished request (`isFinished`) with its events and deliveries, leaving the tombstone of its key for ever.
   * `false` when there is none, it is unfinished, or no log has acknowledged one of its events.
   */
  forget(id: string): Awaitable<boolean>

  readonly outbox: {
    /**
     * Records events that belong to no request's move, all or none. Those that are recorded already are left as they are. An
     * event of a request, or one that leaves a gap in its subject's chain, is refused with `ERR_TRANSITION_ILLEGAL`.
     */
    record(events: readonly AuditEvent[]): Awaitable<void>
    /**
     * Recorded events, oldest first as nearly as the store can tell, and each subject in chain order: without `subject`,
     * those that no log has acknowledged, whichever log asks; with it, those of that subject that `logId` has not, also
     * where another log has. A store may drop the events of a finished request once some log has each of them and every
     * log that has any of them has all, but for those of an `unknown` one: its process may wake, and has to publish the
     * whole chain before it runs (I7, T54). Events of no request may go once some log has
     * each of their subject.
     */
    unpublished(query: {
      readonly logId: string
      readonly subject?: string
      readonly limit: number
    }): Awaitable<readonly AuditEvent[]>
    /**
     * Notes that a log holds them durably. Idempotent; unknown ids are ignored, and do not count when the event comes
     * later. Having one event says nothing of the earlier ones.
     */
    published(logId: string, eventIds: readonly string[]): Awaitable<void>
  }
  readonly deliveries: {
    /** Puts a row in place of the one that has its id. Rows of requests that are not there need not be kept. */
    put(row: DeliveryRow): Awaitable<void>
    /** In any order. */
    of(requestId: string): Awaitable<readonly DeliveryRow[]>
    /**
     * Rows of whatever status whose `nextAttemptAt` is now or past, earliest first, and those of one time in an order that
     * stays the same. `null` is never due. With `after`, those that come after that row as it was answered here, whatever
     * became of it since: so that rows which nobody can help keep none of the others from being found.
     */
    due(limit: number, after?: DeliveryRow | null): Awaitable<readonly DeliveryRow[]>
  }
  /** One row for each live process: an execution whose process lost its lease is cut off. */
  readonly leases: {
    /** Sets the lease to end `forMs` from the store's now, shorter or longer than it was: at that instant it has ended. */
    renew(processId: string, forMs: number): Awaitable<void>
    release(processId: string): Awaitable<void>
    /** Those of the given processes whose lease has not ended, in any order. */
    live(processIds: readonly string[]): Awaitable<readonly string[]>
  }
  readonly credentials: {
    /** Puts a row in place of the one that has its id. */
    put(lease: CredentialLease): Awaitable<void>
    /** Idempotent. */
    remove(id: string): Awaitable<void>
    /** In any order. */
    list(limit: number): Awaitable<readonly CredentialLease[]>
  }
  readonly grants: {
    /**
     * Compare-and-set on the version, with its events: `false`, and nothing recorded, when what is stored is not
     * `fromVersion` (0: nothing). A version other than the next is refused with `ERR_TRANSITION_ILLEGAL`.
     */
    put(grant: StandingGrant, fromVersion: number, events: readonly AuditEvent[]): Awaitable<boolean>
    get(id: string): Awaitable<StandingGrant | null>
    /** Grants that are neither revoked, expired (at `expiresAt` they are) nor used up, in any order. */
    active(filter: {
      readonly action?: string
      readonly requesterId?: string
    }): Awaitable<readonly StandingGrant[]>
  }
  /** Identities linked to a canonical person by a ceremony. */
  readonly links: {
    /** Links an identity, which is known by issuer and subject together, in place of its former link. */
    put(identity: PersonRef, person: CanonicalPerson, provenBy: Principal): Awaitable<void>
    get(identity: PersonRef): Awaitable<CanonicalPerson | null>
    /** Idempotent. */
    remove(identity: PersonRef): Awaitable<void>
  }
  readonly counters: {
    /**
     * Counts a hit in a sliding or fixed window; `allowed` is false once `limit` hits fell into it. A hit that is not
     * allowed does not count, and one is allowed after `retryAfterMs`.
     */
    hit(
      key: string,
      limit: number,
      windowMs: number,
    ): Awaitable<{ readonly allowed: boolean; readonly retryAfterMs: number }>
    /** The mark, while it counts. */
    mark(key: string): Awaitable<Mark | null>
  }
  /**
   * Releases what is held. Idempotent. What was called before ends as it would have, or rejects; from then on nothing is
   * acknowledged, every method but `now` and `close` fails with `ERR_STORE_UNAVAILABLE`, and no listener is called.
   * (`changes` may also do nothing.)
   */
  close(): Awaitable<void>
}
