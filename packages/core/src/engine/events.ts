import type { AuditEvent, AuditEventType } from '../contracts/audit'
import type { JsonObject } from '../contracts/json'
import type { PersonRef, Principal } from '../contracts/principal'
import { commitPersonal, type PersonalFields } from '../present/personal'
import { sha256Hex } from '../values/digest'
import { withoutOpenings } from '../values/event-hash'
import type { Engine } from './engine'

/** An event before it has its place in a chain. */
export interface EventDraft {
  readonly type: AuditEventType
  readonly data: JsonObject
  /** JSON Pointers into the named arguments that hold personal data. */
  readonly personal?: readonly string[]
}

/** What a gate says of all its events. */
export interface EventMaker {
  /** Names the gate. */
  readonly source: string
  readonly personal: PersonalFields | null
}

/** Where a chain stands: number and hash of its newest event. */
export interface ChainHead {
  readonly seq: number
  readonly hash: string
}

/** The head of a chain without events. */
export const EMPTY_CHAIN: ChainHead = { seq: 0, hash: '' }

/**
 * Makes the next event of a subject's chain, without hashing it: for the last of a chain. Personal data is committed here,
 * before any hash covers it.
 */
export function nextEvent(
  draft: EventDraft,
  subject: string,
  head: ChainHead,
  time: number,
  { source, personal }: EventMaker,
): AuditEvent {
  const seq = head.seq + 1
  const committed =
    personal === null && (draft.personal ?? []).length === 0 ? null : commitPersonal(draft, personal)
  // Keys in RFC 8785 order: the canonical form of an event is its plain JSON.
  const event = {
    data: committed === null ? draft.data : committed.data,
    id: `${subject}/${seq}`,
    previous: head.seq === 0 ? null : head.hash,
    seq,
    source,
    subject,
    time,
    type: draft.type,
  }
  return committed === null ? event : { ...event, openings: committed.openings }
}

/** An event that belongs to no request's chain: the only one of a subject of its own. */
export function loneEvent(engine: Engine, draft: EventDraft): AuditEvent {
  return nextEvent(draft, engine.newId(), EMPTY_CHAIN, engine.store.now(), engine.settings)
}

/** Makes the next event of a subject's chain, and the chain's new head. */
export function chainEvent(
  draft: EventDraft,
  subject: string,
  head: ChainHead,
  time: number,
  maker: EventMaker,
): { readonly event: AuditEvent; readonly hash: string } {
  const event = nextEvent(draft, subject, head, time, maker)
  return { event, hash: hashEvent(event) }
}

/**
 * SHA-256 of the event's canonical form: what its successor carries as `previous`. Events are made with their keys in RFC
 * 8785 order and of well-formed texts, so their plain JSON is canonical; the tests of every event type hold that true.
 */
export function hashEvent(event: AuditEvent): string {
  return sha256Hex(JSON.stringify(withoutOpenings(event)))
}

/** A person in an event or a record: the immutable id only. */
export function personData({ issuer, subject }: PersonRef): {
  readonly issuer: string
  readonly subject: string
} {
  return { issuer, subject }
}

/** An actor in an event, with how they were verified (T37). */
export function actorData(actor: Principal): JsonObject {
  const { acr, authTime, method } = actor.assurance
  return {
    assurance: { acr: acr ?? null, authTime: authTime ?? null, method },
    issuer: actor.issuer,
    name: actor.name,
    subject: actor.subject,
    type: actor.type,
  }
}
