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
  /** The store's time from which on it no longer counts. */
  readonly until: number
  readonly value: string
}

/** One move of one request: applied whole, or not at all. */
export interface Transition {
  readonly fromVersion: number
  /** The request after the move; `next.version` is `fromVersion + 1`. */
  readonly next: ApprovalRequest
  /** Recorded in the same transaction (I7). */
  readonly events: readonly AuditEvent[]
  /** Applied only if the store's clock has not passed this time. */
  readonly notAfter?: number
  /** Applied only if the store's clock has reached this time. */
  readonly notBefore?: number
  /** A use of this grant is taken in the same transaction; without one left, or revoked, or expired, nothing is applied. */
  readonly useGrant?: string
  /** Set in the same transaction. */
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

/** Which requests to list. All that are given must hold. */
export interface RequestFilter {
  readonly status?: RequestStatus | readonly RequestStatus[]
  readonly action?: string
  readonly requesterId?: string
  readonly runId?: string
  readonly createdAfter?: number
  readonly createdBefore?: number
}

/** A page of a listing, newest request first. */
export interface RequestPage {
  readonly requests: readonly ApprovalRequest[]
  /** Give it back to go on; `null` at the end. Opaque. */
  readonly cursor: string | null
}

/** One message to people, saved before it is sent (T51). */
export interface DeliveryRow {
  readonly id: string
  readonly requestId: string
  readonly approver: string
  /** Stages it asks: `[index of the requirement, index of the stage]`. */
  readonly stages: readonly (readonly [number, number])[]
  /** `folded`: a twin's message stands for it. */
  readonly status: 'sending' | 'delivered' | 'failed' | 'folded'
  readonly attempts: number
  /** The store's time of the next attempt, while `sending`. */
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
  readonly createdAt: number
}

/**
 * Where requests live. Every method either does what it says durably, or rejects; a rejection means "not known", and
 * nothing runs on it. Values handed in and out are immutable and shared by nobody else.
 */
export interface ApprovalStore {
  /** The store's clock as best known here, without asking it. Conditions of a transition are judged by the store itself. */
  now(): number

  /** Saves a new request with its events. With a key that exists already, saves nothing and answers with the holder of the key. */
  create(request: ApprovalRequest, events: readonly AuditEvent[]): Awaitable<CreateResult>
  /** Compare-and-set on the version: of any number of transitions from one version, one is applied. */
  transition(transition: Transition): Awaitable<TransitionResult>
  get(id: string): Awaitable<ApprovalRequest | null>
  /** Those that exist, in any order. */
  getMany(ids: readonly string[]): Awaitable<readonly ApprovalRequest[]>
  getByKey(key: string): Awaitable<ApprovalRequest | KeyTombstone | null>
  list(
    filter: RequestFilter,
    page?: { readonly cursor?: string | null; readonly limit?: number },
  ): Awaitable<RequestPage>
  /** Decided requests of the same action and argument shape, newest first. */
  similar(action: string, argumentShape: string, limit: number): Awaitable<readonly ApprovalRequest[]>
  /** Requests whose `dueAt` has come, earliest first, and when the next one after those is due. */
  due(
    limit: number,
  ): Awaitable<{ readonly requests: readonly ApprovalRequest[]; readonly nextAt: number | null }>
  /** Calls back with ids of requests that may have changed, by any process, until the signal aborts. A hint: it may lose or repeat. */
  changes(listener: (requestIds: readonly string[]) => void, signal: AbortSignal): void
  /** Deletes a finished request and its events, leaving the tombstone of its key. `false` when it is unfinished or has unpublished events. */
  forget(id: string): Awaitable<boolean>

  readonly outbox: {
    /** Records events that belong to no request's move. */
    record(events: readonly AuditEvent[]): Awaitable<void>
    /**
     * Recorded events, oldest first, each subject in chain order: without `subject`, those that no log has acknowledged;
     * with it, those of that subject that `logId` has not.
     */
    unpublished(query: {
      readonly logId: string
      readonly subject?: string
      readonly limit: number
    }): Awaitable<readonly AuditEvent[]>
    /** Notes that a log holds them durably. Idempotent; unknown ids are ignored. */
    published(logId: string, eventIds: readonly string[]): Awaitable<void>
  }
  readonly deliveries: {
    put(row: DeliveryRow): Awaitable<void>
    of(requestId: string): Awaitable<readonly DeliveryRow[]>
    /** Rows that are `sending` with their next attempt due, earliest first. */
    due(limit: number): Awaitable<readonly DeliveryRow[]>
  }
  /** One row for each live process: an execution whose process lost its lease is cut off. */
  readonly leases: {
    /** Sets the lease to end `forMs` from the store's now. */
    renew(processId: string, forMs: number): Awaitable<void>
    release(processId: string): Awaitable<void>
    /** Those of the given processes whose lease has not ended. */
    live(processIds: readonly string[]): Awaitable<readonly string[]>
  }
  readonly credentials: {
    put(lease: CredentialLease): Awaitable<void>
    remove(id: string): Awaitable<void>
    list(limit: number): Awaitable<readonly CredentialLease[]>
  }
  readonly grants: {
    put(grant: StandingGrant, fromVersion: number, events: readonly AuditEvent[]): Awaitable<boolean>
    get(id: string): Awaitable<StandingGrant | null>
    /** Grants that are neither revoked, expired nor used up. */
    active(filter: {
      readonly action?: string
      readonly requesterId?: string
    }): Awaitable<readonly StandingGrant[]>
  }
  /** Identities linked to a canonical person by a ceremony. */
  readonly links: {
    put(identity: PersonRef, person: CanonicalPerson, provenBy: Principal): Awaitable<void>
    get(identity: PersonRef): Awaitable<CanonicalPerson | null>
    remove(identity: PersonRef): Awaitable<void>
  }
  readonly counters: {
    /** Counts a hit in a sliding or fixed window; `allowed` is false once `limit` hits fell into it. */
    hit(
      key: string,
      limit: number,
      windowMs: number,
    ): Awaitable<{ readonly allowed: boolean; readonly retryAfterMs: number }>
    /** The mark, while it counts. */
    mark(key: string): Awaitable<Mark | null>
  }
  close(): Awaitable<void>
}
