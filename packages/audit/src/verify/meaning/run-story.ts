import { digestOf, textOf } from './facts'
import type { MeaningContext } from './meaning-context'
import { type LoggedEvent, outlineOf } from './told'

/** Whether an event type says how a run ended. */
export function isOutcome(type: string): boolean {
  return (
    type === 'execution.succeeded' ||
    type === 'execution.failed' ||
    type === 'execution.blocked' ||
    type === 'execution.unknown'
  )
}

/** One execution, from its start to what became of it. */
export class RunStory {
  readonly #context: MeaningContext
  readonly #start: LoggedEvent
  /** Of the arguments that ran. */
  readonly ranDigest: string | null
  readonly #token: string | null
  readonly #direct: boolean
  #outcome: string | null = null
  #late: string | null = null

  /** @param direct - a call that policy allowed: it has no request, and no token */
  constructor(context: MeaningContext, start: LoggedEvent, token: string | null, direct = false) {
    this.#context = context
    this.#start = outlineOf(start)
    this.ranDigest = digestOf(start.event.data.argumentsDigest)
    this.#token = token
    this.#direct = direct
    context.counts.executions += 1
    if (!direct && token === null)
      context.tell('error', 'event-malformed', 'a run of a request has no fencing token', start)
  }

  /** Its first event, without the data. */
  get start(): LoggedEvent {
    return this.#start
  }

  /** `succeeded`, `failed`, `blocked`, `unknown`, or `null` while it runs. */
  get outcome(): string | null {
    return this.#outcome
  }

  get ended(): boolean {
    return this.#outcome !== null
  }

  /** Whether the function certainly ran: then its whole story had to be in one log before. */
  get ran(): boolean {
    const told = this.#late ?? this.#outcome
    return told === 'succeeded' || told === 'failed'
  }

  /** Judges the next event after the start. */
  next(about: LoggedEvent): void {
    const { tell } = this.#context
    const { type } = about.event
    if (isOutcome(type)) {
      if (this.#outcome !== null) {
        tell('error', 'event-unexpected', 'a run has a second outcome', about)
        return
      }
      this.#outcome = type.slice('execution.'.length)
      this.#judgeOutcome(about, this.#outcome)
      return
    }
    if (type === 'execution.started') {
      tell('error', 'event-unexpected', 'it ran a second time', about)
      return
    }
    if (type === 'execution.late-outcome' && this.#outcome === 'unknown' && this.#late === null) {
      this.#late = textOf(about.event.data.status) ?? ''
      this.#judgeOutcome(about, this.#late)
      return
    }
    if (type === 'execution.reconciled' && this.#outcome === 'unknown' && !this.#direct) return
    const when = this.#outcome === null ? 'while it ran' : `after it had ended as ${this.#outcome}`
    tell('error', 'event-unexpected', `${type} came ${when}`, about)
  }

  #judgeOutcome(about: LoggedEvent, status: string): void {
    const { data } = about.event
    // T52: only whoever holds the token of the start may tell how it ended.
    if (textOf(data.fencingToken) !== this.#token || (this.#direct && data.fencingToken !== null))
      this.#context.tell(
        'error',
        'outcome-foreign',
        'an outcome does not carry the token of its start',
        about,
      )
    if (data.status !== status || !isOutcome(`execution.${status}`))
      this.#context.tell('error', 'event-malformed', 'an outcome contradicts itself', about)
  }
}
