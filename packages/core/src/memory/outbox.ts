import type { AuditEvent } from '../contracts/audit'
import { hasOwnId, illegal } from './legality'

/** What one log acknowledged of one subject. */
interface Acknowledged {
  readonly logId: string
  /** All events up to this number. */
  upTo: number
  /** And these, out of order. */
  beyond: Set<number> | null
  /** What another log acknowledged: nearly always nobody. */
  readonly next: Acknowledged | null
}

/** The events of one subject that are still held; their numbers have no gaps. */
interface Chain {
  events: readonly AuditEvent[]
  /** How many of them no log has acknowledged. */
  unpublished: number
  acknowledged: Acknowledged | null
}

/** The recorded events, and which log holds which. */
export interface Outbox {
  /**
   * Adds events to their subjects' chains; what is held already is left as it is.
   *
   * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a gap, before anything is added
   */
  record(events: readonly AuditEvent[]): void
  /** In order of recording: what no log has acknowledged. Costs what it answers, however much is held. */
  unpublished(limit: number): readonly AuditEvent[]
  /** Those of a subject that one log has not acknowledged. A subject that was dropped has none. */
  unpublishedOf(subject: string, logId: string, limit: number): readonly AuditEvent[]
  published(logId: string, eventIds: readonly string[]): void
  /** Whether some log holds each event of the subject. */
  isPublished(subject: string): boolean
  /** Forgets the subject's events. */
  drop(subject: string): void
}

/** Makes an empty outbox. `onPublished` hears each time the last unpublished event of a subject was acknowledged. */
export function createOutbox(onPublished: (subject: string) => void): Outbox {
  const chains = new Map<string, Chain>()
  const unpublished = new Map<string, AuditEvent>()

  function add(event: AuditEvent, chain: Chain): void {
    chain.unpublished += 1
    unpublished.set(event.id, event)
  }

  function recordOne(event: AuditEvent): void {
    const chain = chains.get(event.subject)
    if (chain === undefined) {
      startChain(event.subject, [event])
    } else if (event.seq > lastOf(chain)) {
      // Made to measure, not pushed: most chains stay short and wait long.
      chain.events = [...chain.events, event]
      add(event, chain)
    }
  }

  function startChain(subject: string, events: readonly AuditEvent[]): void {
    const chain: Chain = { events, unpublished: 0, acknowledged: null }
    chains.set(subject, chain)
    for (const event of events) add(event, chain)
  }

  function check(events: readonly AuditEvent[]): void {
    const heads = events.length > 1 ? new Map<string, number>() : null
    for (const event of events) {
      const chain = chains.get(event.subject)
      const head = heads?.get(event.subject) ?? (chain && lastOf(chain))
      if (!hasOwnId(event) || (head !== undefined && event.seq > head + 1)) {
        throw illegal(event.subject, `event ${event.id} does not follow event ${head}`)
      }
      heads?.set(event.subject, Math.max(event.seq, head ?? 0))
    }
  }

  function acknowledge(logId: string, eventId: string): void {
    const slash = eventId.lastIndexOf('/')
    const subject = eventId.slice(0, slash)
    const chain = chains.get(subject)
    const seq = Number(eventId.slice(slash + 1))
    if (chain === undefined || !(seq >= firstOf(chain) && seq <= lastOf(chain))) return
    note(chain, logId, seq)
    if (!unpublished.delete(eventId)) return
    chain.unpublished -= 1
    if (chain.unpublished === 0) onPublished(subject)
  }

  return {
    record(events) {
      check(events)
      for (const event of events) recordOne(event)
    },
    unpublished(limit) {
      const answer: AuditEvent[] = []
      for (const event of unpublished.values()) {
        if (answer.length >= limit) break
        answer.push(event)
      }
      return answer
    },
    unpublishedOf(subject, logId, limit) {
      const chain = chains.get(subject)
      if (chain === undefined) return []
      const log = logOf(chain, logId)
      if (log === null) return chain.events.slice(0, limit)
      return chain.events.filter(({ seq }) => !holds(log, seq)).slice(0, limit)
    },
    published(logId, eventIds) {
      for (const eventId of eventIds) acknowledge(logId, eventId)
    },
    isPublished: (subject) => (chains.get(subject)?.unpublished ?? 0) === 0,
    drop(subject) {
      chains.delete(subject)
    },
  }
}

function firstOf({ events }: Chain): number {
  return events[0]?.seq ?? 1
}

function lastOf({ events }: Chain): number {
  return events[events.length - 1]?.seq ?? 0
}

function logOf(chain: Chain, logId: string): Acknowledged | null {
  let log = chain.acknowledged
  while (log !== null && log.logId !== logId) log = log.next
  return log
}

function holds({ upTo, beyond }: Acknowledged, seq: number): boolean {
  return seq <= upTo || beyond?.has(seq) === true
}

function note(chain: Chain, logId: string, seq: number): void {
  let log = logOf(chain, logId)
  if (log === null) {
    log = { logId, upTo: firstOf(chain) - 1, beyond: null, next: chain.acknowledged }
    chain.acknowledged = log
  }
  if (seq > log.upTo + 1) {
    // Another log took the earlier ones.
    log.beyond ??= new Set()
    log.beyond.add(seq)
    return
  }
  log.upTo = Math.max(log.upTo, seq)
  while (log.beyond?.delete(log.upTo + 1)) log.upTo += 1
  if (log.beyond?.size === 0) log.beyond = null
}
