import type { Clock, Json, JsonObject } from '@gatewright/core'
import { chainHash, type LogEvent, type LogOwnEventType, logSubject, packEntry } from '../event'
import type { PreparedEvent } from './group-commit'

/** Makes an event ready to be written. */
export function prepareEvent(event: LogEvent): PreparedEvent {
  const { entry, body } = packEntry(event)
  const { data, id, openings = [], seq, subject } = event
  const { requestId } = data as { readonly requestId?: Json }
  const about = typeof requestId === 'string' ? requestId : subject
  return { id, subject, seq, entry, body, beside: openings.map((opening) => ({ ...opening, about, id })) }
}

/** The chain of what a log records about itself. */
export class OwnChain {
  readonly #origin: string
  readonly #clock: Clock
  #seq: number
  #hash: string

  constructor(origin: string, clock: Clock, head: { readonly seq: number; readonly hash: string }) {
    this.#origin = origin
    this.#clock = clock
    this.#seq = head.seq
    this.#hash = head.hash
  }

  /** The next event of the chain, ready to be written: it must be. Keys of `data` stand in order. */
  next(type: LogOwnEventType, data: JsonObject): PreparedEvent {
    const seq = this.#seq + 1
    const subject = logSubject(this.#origin)
    const event: LogEvent = {
      data,
      id: `${subject}/${seq}`,
      previous: seq === 1 ? null : this.#hash,
      seq,
      source: this.#origin,
      subject,
      time: Math.trunc(this.#clock.now()),
      type,
    }
    this.#seq = seq
    this.#hash = chainHash(event)
    return prepareEvent(event)
  }
}
