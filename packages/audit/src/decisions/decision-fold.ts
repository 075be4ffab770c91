import type { LogEvent } from '../event'
import { textOf } from '../verify/meaning/facts'
import { SubjectSet } from '../verify/subject-set'
import { applyBeside, refusedVoteText } from './apply-beside'
import { applyEvent } from './apply-event'
import type { Decision, DecisionGrant, DecisionPlace, NamedPerson } from './decision'
import { type Draft, newDraft } from './draft'
import { type DecisionException, refusedVoteCode } from './exceptions'
import { finishDraft } from './finish-draft'
import { GrantShelf } from './grant-shelf'
import { ownException } from './own-exceptions'
import { namedPerson, shownText } from './read-data'

/** An event, and where it stands. */
export interface PlacedEvent extends DecisionPlace {
  readonly event: LogEvent
}

/** Takes what a {@link DecisionFold} finds. */
export interface FoldResult {
  decision(decision: Decision): void
  /** Something that belongs to no decision that is still at hand: it is about a gate, a log, or an action long past. */
  exception(exception: DecisionException): void
}

/** Ended actions that are kept for what comes behind them: a late vote, a copy in another log. */
const MAX_RECENT = 4_000
const MAX_NAMES = 10_000

/**
 * Makes decisions of events, in one reading. Takes the events of all logs in about the order of their times; equal events
 * count once. Keeps actions that are open, a few thousand that ended, and some bytes for each that is past.
 */
export class DecisionFold {
  readonly #result: FoldResult
  readonly #open = new Map<string, Chain>()
  readonly #recent = new Map<string, Chain>()
  readonly #past = new SubjectSet()
  readonly #alone = new SubjectSet()
  readonly #grants = new GrantShelf()
  readonly #people = new Map<string, NamedPerson>()

  constructor(result: FoldResult) {
    this.#result = result
  }

  /** Takes the next event. */
  add(placed: PlacedEvent): void {
    const { event } = placed
    const { subject, type } = event
    this.#noteName(event.data.actor ?? event.data.by)
    if (subject.startsWith('log:')) {
      this.#tellOwn(event)
      return
    }
    if (BESIDE.test(type)) {
      // Equal events in two logs are one.
      if (this.#alone.add(event.id)) this.#beside(event)
      return
    }
    const known = this.#open.get(subject) ?? this.#recent.get(subject)
    if (known === undefined && this.#past.has(subject)) return
    const chain = known ?? new Chain(subject, placed)
    if (known === undefined) this.#open.set(subject, chain)
    chain.add(placed)
    if (chain.ended && this.#open.delete(subject)) this.#retire(chain)
  }

  /** All logs were read. */
  finish(): void {
    for (const chain of this.#recent.values()) this.#tell(chain)
    for (const chain of this.#open.values()) this.#tell(chain)
    this.#recent.clear()
    this.#open.clear()
  }

  /** Standing grants that were met so far. */
  get grants(): readonly DecisionGrant[] {
    return this.#grants.all
  }

  #retire(chain: Chain): void {
    this.#recent.set(chain.draft.id, chain)
    if (this.#recent.size <= MAX_RECENT) return
    const [oldest] = this.#recent.values()
    if (oldest === undefined) return
    this.#recent.delete(oldest.draft.id)
    this.#past.add(oldest.draft.id)
    this.#tell(oldest)
  }

  #tell({ draft, incomplete }: Chain): void {
    if (draft.lastEventId === '') return
    const grant = this.#grants.used(draft.grantId, draft.execution !== null)
    this.#result.decision(
      finishDraft(draft, {
        grant,
        eventsMissing: incomplete,
        named: (person) => this.#people.get(person?.key ?? '') ?? person,
      }),
    )
  }

  #beside(event: LogEvent): void {
    const { data, type } = event
    if (type.startsWith('grant.')) this.#grants.note(event)
    if (type.startsWith('gate.') || type.startsWith('audit.')) this.#tellOwn(event)
    const requestId = textOf(data.requestId)
    if (requestId === null) return
    const chain = this.#open.get(requestId) ?? this.#recent.get(requestId)
    if (type === 'vote.refused') {
      const reason = shownText(data.reason) ?? ''
      const exception: DecisionException = {
        code: refusedVoteCode(reason),
        at: event.time,
        eventId: event.id,
        subject: requestId,
        text: refusedVoteText(event),
      }
      if (chain === undefined) this.#result.exception(exception)
      else chain.draft.exceptions.push(exception)
      return
    }
    if (chain === undefined) return
    applyBeside(chain.draft, event)
    if (chain.ended && this.#open.delete(requestId)) this.#retire(chain)
  }

  /** Remembers what people are called: votes and grants say so, other events name identities alone. */
  #noteName(value: unknown): void {
    const person = namedPerson(value)
    if (person?.key == null || person.name === null || this.#people.size >= MAX_NAMES) return
    if (!this.#people.has(person.key)) this.#people.set(person.key, person)
  }

  #tellOwn(event: LogEvent): void {
    const exception = ownException(event)
    if (exception !== null) this.#result.exception(exception)
  }
}

const BESIDE = /^(?:audit|vote|delivery|credential|grant|gate)\.|^execution\.recorded$/

/** One action's events, put in order. */
class Chain {
  readonly draft: Draft
  #next = 1
  readonly #early = new Map<number, PlacedEvent>()

  constructor(subject: string, { directory, index }: DecisionPlace) {
    this.draft = newDraft(subject, { directory, index })
  }

  /** Nothing more is expected. An unknown outcome may become known, a credential may be revoked. */
  get ended(): boolean {
    const { credentials, execution, resolution } = this.draft
    if (this.#early.size > 0) return false
    if (execution !== null)
      return (
        execution.outcome !== null &&
        execution.outcome !== 'unknown' &&
        [...credentials.values()].every(({ issuedAt, revokedAt }) => issuedAt === null || revokedAt !== null)
      )
    return resolution.status !== 'pending' && resolution.status !== 'approved'
  }

  /** Events between those that were met are in none of the logs. */
  get incomplete(): boolean {
    return this.#early.size > 0
  }

  add(placed: PlacedEvent): void {
    const { seq, type } = placed.event
    if (type === 'execution.started' && placed.directory !== this.draft.place.directory) this.#moveTo(placed)
    if (seq < this.#next) return
    this.#early.set(seq, placed)
    for (;;) {
      const next = this.#early.get(this.#next)
      if (next === undefined) return
      this.#early.delete(this.#next)
      applyEvent(this.draft, next.event)
      this.#next += 1
    }
  }

  /** The log of whoever executed it holds its whole story: a receipt is made from that one. */
  #moveTo({ directory, index }: PlacedEvent): void {
    this.draft.place = { directory, index }
  }
}
