import type { LogEventType } from '../../event'
import { DirectStory } from './direct-story'
import type { MeaningContext } from './meaning-context'
import { RequestStory } from './request-story'
import { isOutcome } from './run-story'
import type { LoggedEvent } from './told'

/** How many logs can be told apart in the bits of a number. */
export const MAX_LOGS = 31

interface Link {
  readonly hash: string | null
  /** One bit for each log that holds it. */
  logs: number
}

/** One subject's events, put in order from all logs, and judged one after the other. */
export class Chain {
  readonly subject: string
  readonly #context: MeaningContext
  readonly #links: Link[] = []
  /** What came before its predecessor. */
  readonly #early = new Map<number, { readonly first: LoggedEvent; logs: number }>()
  #story: RequestStory | DirectStory | null = null
  readonly #own: boolean
  #first: LoggedEvent | null = null
  /** Logs in which an outcome stands, and those in which something that came before it stands behind it. */
  #outcomeLogs = 0
  #unorderedLogs = 0

  constructor(subject: string, context: MeaningContext) {
    this.subject = subject
    this.#context = context
    this.#own = subject.startsWith('log:')
    context.counts.subjects += 1
  }

  /**
   * Has to be followed to its end in the first reading: the log's own chain, which never ends, and requests that use up a
   * grant, whose uses are counted once.
   */
  get pinned(): boolean {
    return this.#own || (this.#story instanceof RequestStory && this.#story.restsOnGrant)
  }

  get story(): RequestStory | DirectStory | null {
    return this.#story
  }

  /** Whether nothing more is expected of it. */
  get ended(): boolean {
    return this.#early.size === 0 && !this.#own && (this.#story?.ended ?? true)
  }

  /** Its event number 1, where that carries votes over. */
  get first(): LoggedEvent | null {
    return this.#first
  }

  /** Takes the next event that a log holds of the subject. */
  add(about: LoggedEvent): void {
    const { event, log } = about
    const bit = 1 << log
    this.#noteOrder(event.type, bit)
    const known = this.#links[event.seq - 1]
    if (known !== undefined) {
      this.#again(about, known, known.hash)
      return
    }
    if (event.seq === this.#links.length + 1) {
      this.#accept(about, bit)
      this.#takeEarly()
      return
    }
    const early = this.#early.get(event.seq)
    if (early !== undefined) {
      this.#again(about, early, early.first.hash)
      return
    }
    this.#early.set(event.seq, { first: about, logs: bit })
  }

  /** All logs were read: what is missing now is in none of them. */
  finish(): void {
    const [waiting] = [...this.#early.values()].sort(
      (one, other) => one.first.event.seq - other.first.event.seq,
    )
    if (waiting !== undefined) {
      const from = this.#links.length + 1
      const to = waiting.first.event.seq - 1
      const missing = from === to ? `event ${from}` : `events ${from} to ${to}`
      const message = `${missing} of ${this.subject} are in none of the given logs: they were taken away, or another log holds them`
      this.#context.tell('error', 'chain-gap', message, waiting.first)
      return
    }
    this.#judgeScattered()
    const run = this.#story?.run ?? null
    if (run !== null && run.outcome === null)
      this.#context.tell(
        'warning',
        'outcome-missing',
        'it started, and how it ended stands in no log',
        run.start,
      )
  }

  /** T54: whatever ran had its whole story, up to its start, in one log before it ran; so each run can be judged from one log. */
  #judgeScattered(): void {
    const run = this.#story?.run ?? null
    if (run === null || !run.ran) return
    let whole = ~this.#unorderedLogs
    for (const { logs } of this.#links.slice(0, run.start.event.seq)) whole &= logs
    if (whole !== 0) return
    const message = 'it ran, and no single log held all that went before it'
    this.#context.tell('error', 'chain-scattered', message, run.start)
  }

  #noteOrder(type: LogEventType, bit: number): void {
    if (isOutcome(type)) this.#outcomeLogs |= bit
    else if (type !== 'execution.late-outcome' && type !== 'execution.reconciled')
      this.#unorderedLogs |= this.#outcomeLogs & bit
  }

  #again(about: LoggedEvent, held: { logs: number }, hash: string | null): void {
    const { tell } = this.#context
    const bit = 1 << about.log
    if (hash !== about.hash)
      tell('error', 'event-conflict', `another event stands under the id ${about.event.id} elsewhere`, about)
    else if ((held.logs & bit) !== 0)
      tell('error', 'event-duplicated', `${about.event.id} stands twice in one log`, about)
    held.logs |= bit
  }

  #accept(about: LoggedEvent, logs: number): void {
    const { event, hash } = about
    const before = this.#links.at(-1)
    if (before?.hash != null && event.previous !== before.hash)
      this.#context.tell(
        'error',
        'chain-broken',
        `${event.id} does not carry the hash of the event before it`,
        about,
      )
    this.#links.push({ hash, logs })
    if (event.seq === 1) this.#begin(event.type, about)
    if (event.seq > 1 && this.#story === null && !this.#own)
      this.#context.tell(
        'error',
        'event-unexpected',
        `${event.type} continues a step that stands alone`,
        about,
      )
    this.#story?.next(about)
    if (event.seq === 1 && this.#story instanceof RequestStory && this.#story.carriesFrom !== null)
      this.#first = about
  }

  #begin(type: LogEventType, about: LoggedEvent): void {
    if (type === 'request.created') {
      this.#story = new RequestStory(this.#context)
      this.#context.counts.requests += 1
    } else if (type === 'execution.started') this.#story = new DirectStory(this.#context)
    else if (!standsAlone(type) && !this.#own)
      this.#context.tell('error', 'event-unexpected', `a chain begins with ${type}`, about)
  }

  #takeEarly(): void {
    for (;;) {
      const seq = this.#links.length + 1
      const early = this.#early.get(seq)
      if (early === undefined) return
      this.#early.delete(seq)
      this.#accept(early.first, early.logs)
    }
  }
}

const ALONE = /^(audit|call|vote|delivery|credential|grant|gate)\./

/** Whether an event of this type is a subject of its own. */
export function standsAlone(type: string): boolean {
  return ALONE.test(type) || type === 'execution.recorded'
}
