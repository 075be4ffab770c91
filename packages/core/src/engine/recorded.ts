import type { AuditEvent } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import { isPromise, onceSettled } from '../values/is-promise'
import { dropOldest } from '../values/kept'

/**
 * The events that this process recorded in the store and has not seen in its log yet. They are published from memory: reading
 * them back would cost more than all the rest of their publication. Once anything fails they are forgotten, and the store, which
 * has them all, is read instead.
 */
export interface Recorded {
  /**
   * Takes events that the store holds now, of one subject and in order. `false`: it was not taken, since the log may lack what
   * came before in its chain. The store has all of it.
   *
   * @param alone - the subject gets no more events
   * @param behind - the log may lack something of any chain: nothing is taken
   */
  add(events: readonly AuditEvent[], alone: boolean, behind: boolean): boolean
  /** Sends in the background what was added. */
  send(): void
  /**
   * Answers `true` once the log holds the subject's whole chain durably. `false`: this process does not know the whole chain,
   * or it could not be published together with others, so that only the store can tell.
   *
   * @throws what the log threw for this chain alone
   */
  sendChain(subject: string): Awaitable<boolean>
  /** Resolves once nothing is being sent. */
  idle(): Promise<void>
}

/** What a {@link Recorded} is made of. */
export interface RecordedParts {
  /** Resolves once the log holds them durably. May throw at once. */
  append(events: readonly AuditEvent[]): Awaitable<void>
  /** Hears what the log holds now. */
  published(events: readonly AuditEvent[]): void
  /** What was added is in the store and must be read from there. */
  failed(error: unknown): void
}

/** Events that go to the log in one append. */
interface Batch {
  /** None once the log holds them: the tails of many chains keep the batch. */
  events: AuditEvent[]
  /** Whether the log holds them; `null` while that is not known. */
  held: boolean | null
  /** Why not. */
  problem: { readonly error: unknown } | null
  /** Of whoever waits for that. */
  readonly waiting: (() => void)[]
}

/** What is known of a chain: the number of the event that comes next, and the batch that its last one is in. */
interface Tail {
  readonly next: number
  readonly batch: Batch
}

/** How many chains are known. Those that were begun longest ago are forgotten first: of them the store is asked. */
const MOST_CHAINS = 10_000
/** How many events wait for a slow log at the most. */
const MOST_WAITING = 1_000

const newBatch = (): Batch => ({ events: [], held: null, problem: null, waiting: [] })

/** I8: whoever hears of it has a logger, say, that throws. What is recorded later must reach the log all the same. */
function tell(hearer: () => void): void {
  try {
    hearer()
  } catch {
    // There is nobody left to tell.
  }
}

/** Makes what publishes from memory. One append follows the other, each with all that came meanwhile. */
export function createRecorded(parts: RecordedParts): Recorded {
  const { append, published } = parts
  const tails = new Map<string, Tail>()
  let next = newBatch()
  let sending: Promise<void> | null = null

  function settle(batch: Batch, isHeld: boolean): void {
    batch.held = isHeld
    for (const go of batch.waiting.splice(0)) go()
  }

  function held(batch: Batch): void {
    const { events } = batch
    batch.events = []
    settle(batch, true)
    tell(() => published(events))
  }

  /** What waits may go on where a batch ended that failed: all of it is read from the store. */
  function forget(): void {
    tails.clear()
    const waiting = next
    next = newBatch()
    settle(waiting, false)
  }

  function failed(batch: Batch, error: unknown): void {
    forget()
    batch.problem = { error }
    settle(batch, false)
    tell(() => parts.failed(error))
  }

  function send(): void {
    if (sending !== null || next.events.length === 0) return
    const batch = next
    next = newBatch()
    const ending = onceSettled(
      () => append(batch.events),
      () => held(batch),
      (error) => failed(batch, error),
    )
    if (isPromise(ending))
      sending = ending.then(() => {
        sending = null
        send()
      })
  }

  /** Whether all that came before in the chain was added here too. */
  function continues(subject: string, seq: number, count: number): boolean {
    const tail = tails.get(subject)
    if ((tail?.next ?? 1) !== seq) {
      // Somebody else has moved it since.
      tails.delete(subject)
      return false
    }
    tails.set(subject, { next: seq + count, batch: next })
    dropOldest(tails, MOST_CHAINS)
    return true
  }

  function answer({ held, problem, events }: Batch, subject: string): boolean {
    if (problem !== null && events.every((event) => event.subject === subject)) throw problem.error
    return held === true
  }

  return {
    add(events, alone, behind) {
      const [first] = events
      if (first === undefined) return true
      if (behind) {
        // I7: a chain of which something was left out here is not known any more.
        tails.delete(first.subject)
        return false
      }
      if (next.events.length >= MOST_WAITING) {
        forget()
        return false
      }
      if (!alone && !continues(first.subject, first.seq, events.length)) return false
      next.events.push(...events)
      return true
    },
    send,
    sendChain(subject) {
      const tail = tails.get(subject)
      if (tail === undefined) return false
      const { batch } = tail
      if (batch === next) send()
      if (batch.held !== null) return answer(batch, subject)
      return new Promise<void>((resolve) => void batch.waiting.push(resolve)).then(() =>
        answer(batch, subject),
      )
    },
    async idle() {
      while (sending !== null) await sending
    },
  }
}
