import type { AuditEvent, AuditEventType } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { Clock, Timer } from '../contracts/clock'
import { isPromise, onceSettled } from '../values/is-promise'

/**
 * Tells the store what the log holds. Nobody waits for that: until then it would be published once more, at worst. So
 * what comes before a decision is noted with it, and not at each step; but none waits for that for long.
 */
export interface Noting {
  /** The log holds these durably. */
  note(events: readonly AuditEvent[]): void
  /** Notes at once what still waits for a decision. Resolves once all that was noted until now is, or could not be. */
  flush(): Awaitable<void>
  /** Resolves once all of it is noted, or could not be. */
  idle(): Promise<void>
}

/** What a {@link Noting} is made of. */
export interface NotingParts {
  readonly clock: Clock
  /** Tells the store. May throw at once. */
  save(eventIds: readonly string[]): Awaitable<void>
  /** Hears what the store could not be told. May throw. */
  failed(error: unknown): void
}

/** How long the first steps of a request wait for its decision: other processes publish once more what is not noted. */
const LONGEST_MS = 500
/** How many events wait at the most. */
const MOST_WAITING = 2_000

/** After these steps a request waits for people. From a decision on, another process may run it, or this one may die of that. */
const UNDECIDED: ReadonlySet<AuditEventType> = new Set<AuditEventType>([
  'request.created',
  'request.vote-cast',
  'request.edited',
  'request.reminded',
  'request.escalated',
])

/** Makes it. One note follows the other, each with all that came meanwhile. */
export function createNoting({ clock, save, failed }: NotingParts): Noting {
  /** Of requests that wait for people, by their subject. */
  const waiting = new Map<string, string[]>()
  let count = 0
  let ready: string[] = []
  let saving: Promise<void> | null = null
  let timer: Timer | null = null

  function take({ subject, id, type }: AuditEvent): void {
    const before = waiting.get(subject)
    if (UNDECIDED.has(type)) {
      count += 1
      if (before === undefined) waiting.set(subject, [id])
      else before.push(id)
      return
    }
    if (before !== undefined) {
      count -= before.length
      waiting.delete(subject)
      ready.push(...before)
    }
    ready.push(id)
  }

  function release(): void {
    timer?.cancel()
    timer = null
    for (const ids of waiting.values()) ready.push(...ids)
    waiting.clear()
    count = 0
  }

  function next(): void {
    if (saving !== null || ready.length === 0) return
    const ids = ready
    ready = []
    const noted = onceSettled(
      () => save(ids),
      () => {},
      tell,
    )
    if (isPromise(noted))
      saving = noted.then(() => {
        saving = null
        next()
      })
  }

  /** A logger that throws keeps nothing from being noted. */
  function tell(error: unknown): void {
    try {
      failed(error)
    } catch {
      // There is nobody left to tell.
    }
  }

  function flush(): Awaitable<void> {
    release()
    next()
    return saving === null ? undefined : afterTwo()
  }

  /** The one under way, and the one that takes all that waits for it. */
  async function afterTwo(): Promise<void> {
    for (let left = 2; left > 0 && saving !== null; left -= 1) await saving
  }

  return {
    note(events) {
      for (const event of events) take(event)
      if (count >= MOST_WAITING) release()
      else if (count > 0) timer ??= clock.setTimer(LONGEST_MS, () => void flush(), { background: true })
      next()
    },
    flush,
    async idle() {
      void flush()
      while (saving !== null) await saving
    },
  }
}
