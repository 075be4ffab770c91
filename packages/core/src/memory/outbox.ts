import type { AuditEvent } from '../contracts/audit'
import { acknowledge, type Chain, emptyChain, headOf, missingFrom } from './chain'
import { freezeJson } from './freeze'
import { illegalMove } from './legality'

/** The recorded events. */
export interface Outbox {
  /** Adds the events of a request's move to its chain, which they are known to continue. */
  append(chain: Chain, events: readonly AuditEvent[]): void
  /**
   * Adds events that belong to no request. What is held already is left as it is.
   *
   * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a gap, or an event of a request; then nothing was added
   */
  record(events: readonly AuditEvent[]): void
  /** What no log has acknowledged, in order of recording. Costs what it answers, however much is held. */
  unpublished(limit: number): readonly AuditEvent[]
  /** Those of a subject that one log has not acknowledged. */
  unpublishedOf(subject: string, logId: string, limit: number): readonly AuditEvent[]
  published(logId: string, eventIds: readonly string[]): void
}

/**
 * Makes an empty outbox.
 *
 * @param requestChain - the chain of a request, if there is such a request
 * @param onPublished - hears each time a log acknowledged an event of a request of which none is unpublished (any more)
 */
export function createOutbox(
  requestChain: (subject: string) => Chain | undefined,
  onPublished: (requestId: string) => void,
): Outbox {
  const loose = new Map<string, Chain>()
  const unpublished = new Map<string, AuditEvent>()

  function chainOf(subject: string): Chain | undefined {
    return requestChain(subject) ?? loose.get(subject)
  }

  function add(chain: Chain, event: AuditEvent): void {
    // Made to measure, not pushed: most chains stay short and wait long.
    chain.events = chain.events.length === 0 ? [event] : [...chain.events, event]
    chain.unpublished += 1
    unpublished.set(event.id, freezeJson(event))
  }

  function checkLoose(events: readonly AuditEvent[]): void {
    const heads = new Map<string, number | null>()
    for (const { id, subject, seq } of events) {
      if (requestChain(subject) !== undefined)
        throw illegalMove(subject, "a request's events come with its moves")
      const chain = loose.get(subject)
      const head = heads.get(subject) ?? (chain && headOf(chain)) ?? null
      if (head !== null && seq > head + 1)
        throw illegalMove(subject, `event ${id} does not follow event ${head}`)
      heads.set(subject, Math.max(seq, head ?? seq))
    }
  }

  function recordLoose(event: AuditEvent): void {
    const chain = loose.get(event.subject) ?? emptyChain()
    const head = headOf(chain)
    if (head !== null && event.seq <= head) return
    loose.set(event.subject, chain)
    add(chain, event)
  }

  function take(logId: string, eventId: string): void {
    const event = unpublished.get(eventId) ?? nameOf(eventId)
    const chain = chainOf(event.subject)
    if (chain === undefined) return
    acknowledge(chain, logId, event.seq)
    if (unpublished.delete(eventId)) chain.unpublished -= 1
    if (chain.unpublished > 0) return
    if (!loose.delete(event.subject)) onPublished(event.subject)
  }

  return {
    append(chain, events) {
      for (const event of events) add(chain, event)
    },
    record(events) {
      checkLoose(events)
      for (const event of events) recordLoose(event)
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
      const chain = chainOf(subject)
      return chain === undefined ? [] : missingFrom(chain, logId, limit)
    },
    published(logId, eventIds) {
      for (const eventId of eventIds) take(logId, eventId)
    },
  }
}

/** An event's id is `<subject>/<seq>`. */
function nameOf(eventId: string): Pick<AuditEvent, 'subject' | 'seq'> {
  const slash = eventId.lastIndexOf('/')
  return { subject: eventId.slice(0, slash), seq: Number(eventId.slice(slash + 1)) }
}
