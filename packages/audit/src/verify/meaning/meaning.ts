import { SubjectSet } from '../subject-set'
import { judgeCarried } from './carried'
import { Chain, standsAlone } from './chain'
import { textOf } from './facts'
import { GrantBook } from './grant-book'
import type { MeaningContext, MeaningCounts } from './meaning-context'
import { PolicyHashes } from './policy-record'
import { RequestStory } from './request-story'
import type { LoggedEvent, Tell } from './told'

/** Chains that are kept open at a time; older ones are left for another reading. */
const MAX_OPEN = 10_000
/** Ended chains that are kept while other logs may still bring copies of their events. */
const MAX_RECENT = 4_000
/** More are not looked at again: a log that needs it is no log of ours. */
const MAX_AGAIN = 250_000

/** Subjects that have to be read again, each with the attempt whose votes it carries over. */
export type Again = ReadonlyMap<string, string | null>

/** Judges what the events of all logs say, in one reading and in bounded memory. */
export class Meaning {
  readonly counts: MeaningCounts = { subjects: 0, requests: 0, votes: 0, executions: 0, observed: 0 }
  readonly #tell: Tell
  readonly #context: MeaningContext
  readonly #keepAll: boolean
  readonly #recentSize: number
  readonly #open = new Map<string, Chain>()
  readonly #recent = new Map<string, Chain>()
  /** Subjects that are neither: whatever else comes of them has to be judged in another reading. */
  readonly #seen = new SubjectSet()
  readonly #again = new Map<string, string | null>()
  readonly #modes = new Map<string, string>()
  readonly #observed = new Map<string, LoggedEvent>()
  #overflow = false

  /**
   * @param logs - how many logs are read
   * @param keepAll - keep every chain to the end: for a second reading, of a few subjects
   */
  constructor(tell: Tell, logs: number, keepAll = false) {
    this.#tell = tell
    this.#keepAll = keepAll
    this.#recentSize = logs > 1 ? MAX_RECENT : 0
    this.#context = {
      tell,
      counts: this.counts,
      policyHashes: new PolicyHashes(),
      grants: new GrantBook(tell),
      observed: (about) => this.#noteObserved(about),
    }
  }

  /** Takes the next event of a log. Those of several logs may come in any order; near to their times is best. */
  add(about: LoggedEvent): void {
    const { seq, subject, type } = about.event
    const chain = this.#open.get(subject) ?? this.#recent.get(subject)
    if (chain !== undefined) {
      chain.add(about)
      if (chain.ended && this.#open.delete(subject)) this.#retire(chain)
      return
    }
    if (seq === 1 && standsAlone(type)) {
      this.#addAlone(about)
      return
    }
    if (!this.#keepAll && this.#seen.has(subject)) {
      this.#readAgain(subject)
      return
    }
    this.#begin(about)
  }

  /** Takes an event that others rest on, in a reading that judges only some subjects. */
  note(about: LoggedEvent): void {
    const { type } = about.event
    if (type === 'gate.started') this.#noteGate(about)
    else if (type.startsWith('grant.')) this.#context.grants.note(about)
  }

  /** All logs were read. Answers with what must be read again, from the start, to be judged. */
  finish(): { readonly again: Again; readonly overflow: boolean } {
    for (const chain of this.#recent.values()) this.#judge(chain)
    for (const chain of this.#open.values()) this.#judge(chain)
    this.#context.grants.finish()
    this.#judgeObserved()
    return { again: this.#again, overflow: this.#overflow }
  }

  #begin(about: LoggedEvent): void {
    const { subject } = about.event
    const chain = new Chain(subject, this.#context)
    chain.add(about)
    this.#open.set(subject, chain)
    if (chain.ended && this.#open.delete(subject)) this.#retire(chain)
    if (this.#keepAll || this.#open.size <= MAX_OPEN) return
    for (const [oldest, { pinned }] of this.#open) {
      if (pinned) continue
      this.#open.delete(oldest)
      this.#seen.add(oldest)
      this.#readAgain(oldest)
      return
    }
  }

  /** A step of its own: nothing follows it, so that nothing but its subject is kept. */
  #addAlone(about: LoggedEvent): void {
    const { subject } = about.event
    if (this.#keepAll) {
      const chain = new Chain(subject, this.#context)
      chain.add(about)
      this.#recent.set(subject, chain)
    } else if (!this.#seen.add(subject)) {
      this.#readAgain(subject)
      return
    } else this.counts.subjects += 1
    this.note(about)
  }

  #retire(chain: Chain): void {
    this.#recent.set(chain.subject, chain)
    if (this.#keepAll || this.#recent.size <= this.#recentSize) return
    const [oldest] = this.#recent.values()
    if (oldest === undefined) return
    this.#recent.delete(oldest.subject)
    this.#seen.add(oldest.subject)
    this.#judge(oldest)
  }

  #judge(chain: Chain): void {
    const { story } = chain
    const carriesFrom = story instanceof RequestStory ? story.carriesFrom : null
    if (carriesFrom !== null && !this.#keepAll) {
      this.#readAgain(chain.subject, carriesFrom)
      this.#readAgain(carriesFrom)
      return
    }
    chain.finish()
    if (carriesFrom === null || !(story instanceof RequestStory) || chain.first === null) return
    judgeCarried({ story, created: chain.first }, (subject) => this.#requestStory(subject), this.#context)
  }

  #requestStory(subject: string): RequestStory | null {
    const story = (this.#open.get(subject) ?? this.#recent.get(subject))?.story
    return story instanceof RequestStory ? story : null
  }

  #readAgain(subject: string, carriesFrom: string | null = null): void {
    if (this.#again.size >= MAX_AGAIN && !this.#again.has(subject)) this.#overflow = true
    else this.#again.set(subject, carriesFrom ?? this.#again.get(subject) ?? null)
  }

  #noteGate({ event: { data } }: LoggedEvent): void {
    const processId = textOf(data.processId)
    if (processId !== null) this.#modes.set(processId, textOf(data.mode) ?? '')
  }

  #noteObserved(about: LoggedEvent): void {
    this.counts.observed += 1
    const processId = textOf(about.event.data.processId) ?? ''
    if (!this.#observed.has(processId)) this.#observed.set(processId, about)
  }

  /** Only a gate that said at its start that it observes may let a call run on nothing. */
  #judgeObserved(): void {
    for (const [processId, about] of this.#observed) {
      const mode = this.#modes.get(processId)
      if (mode === undefined)
        this.#tell(
          'warning',
          'run-not-observed',
          'it ran because its gate only observes, and no log tells how that gate was started',
          about,
        )
      else if (mode !== 'observe')
        this.#tell(
          'error',
          'run-not-observed',
          'it ran as if its gate only observed, which that gate was not told to',
          about,
        )
    }
  }
}
