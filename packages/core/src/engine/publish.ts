import type { AuditEvent, AuditSink } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { Clock } from '../contracts/clock'
import type { Logger } from '../contracts/logger'
import type { ApprovalStore } from '../contracts/store'
import { withDeadline } from '../values/deadline'
import { andThen, isPromise, onceSettled } from '../values/is-promise'
import { createNoting } from './noting'
import { createRecorded } from './recorded'

const BATCH = 256

/** Whether whoever commits publishes the request's chain right after, so that nothing has to be done in the background. */
export type Publishing = 'in-background' | 'by-caller'

/** Moves recorded events to the gate's log (I7). */
export interface Publisher {
  /** Resolves once the log holds the events durably; rejects when that cannot be said. They were never in the store's outbox. */
  append(events: readonly AuditEvent[]): Awaitable<void>
  /**
   * Publishes in the background what this process has just recorded in the store, of one subject and in order. A failure is
   * told and tried again at the next sweep: safe moves never wait for a sink.
   *
   * @param how - `alone`: a subject that gets no more events. `by-caller`: whoever recorded it publishes the chain right after
   */
  recorded(events: readonly AuditEvent[], how: 'alone' | Publishing): void
  /** Resolves once this gate's own log holds the subject's whole chain as the store knows it. */
  publishChain(subject: string): Awaitable<void>
  /** Publishes whatever the store holds and no log has yet, in the background: what other processes and crashes left. */
  kick(): void
  /** Resolves once no publication is under way. */
  idle(): Promise<void>
}

/** What a {@link Publisher} is made of. */
export interface PublisherParts {
  /** `null`: this process has no log. What is recorded waits in the store for one that has. */
  readonly sink: AuditSink | null
  readonly store: ApprovalStore
  readonly clock: Clock
  readonly logger: Logger
  readonly timeoutMs: number
  /** Hears when background publication begins to fail, and when it works again. */
  readonly onChange: (state: 'degraded' | 'restored', error: unknown) => void
}

/** Makes the one publisher of a gate. */
export function createPublisher({ sink, ...parts }: PublisherParts): Publisher {
  return sink === null ? withoutLog() : publisherTo(sink, parts)
}

/** Nothing is published here, and nothing that has to be published first may happen here (I7). */
function withoutLog(): Publisher {
  const refuse = (): Promise<never> => Promise.reject(new Error('this process has no log'))
  return { append: refuse, recorded() {}, publishChain: refuse, kick() {}, idle: () => Promise.resolve() }
}

function publisherTo(
  sink: AuditSink,
  { store, clock, logger, timeoutMs, onChange }: Omit<PublisherParts, 'sink'>,
): Publisher {
  let draining: Promise<void> | null = null
  let again = false
  let degraded = false
  /** Whether the store may hold what the log lacks: then that goes first. */
  let behind = false
  const noting = createNoting({
    clock,
    save: (ids) => store.outbox.published(sink.logId, ids),
    failed: (error) =>
      logger.warn('the store could not note what the log holds; that is published again at the next sweep', {
        error,
      }),
  })
  const memory = createRecorded({ append, published: noting.note, failed })

  function append(events: readonly AuditEvent[]): Awaitable<void> {
    const appending = () => {
      const answer = sink.append(events)
      return isPromise(answer) ? withDeadline(clock, timeoutMs, answer, 'the audit sink') : undefined
    }
    return onceSettled(appending, () => undefined, fallBehind)
  }

  function fallBehind(error: unknown): never {
    behind = true
    throw error
  }

  /** Of one subject, all that this log lacks; else what no log has. */
  async function publishAll(subject?: string): Promise<void> {
    for (;;) {
      const wanted = { logId: sink.logId, limit: BATCH }
      const found = store.outbox.unpublished(subject === undefined ? wanted : { ...wanted, subject })
      const events = isPromise(found) ? await found : found
      if (events.length === 0) return
      const appending = append(events)
      if (isPromise(appending)) await appending
      const saving = store.outbox.published(sink.logId, events.map(idOf))
      if (isPromise(saving)) await saving
      // What was recorded meanwhile comes with a kick of its own.
      if (events.length < BATCH) return
    }
  }

  function failed(error: unknown): void {
    degrade(error)
    kick()
  }

  function degrade(error: unknown): void {
    if (degraded) return
    degraded = true
    logger.error('audit events cannot be published; they stay recorded in the store', { error })
    onChange('degraded', error)
  }

  async function drain(): Promise<void> {
    let problem: { readonly error: unknown } | null = null
    try {
      do {
        again = false
        behind = false
        // What the log holds is not read and appended once more.
        const flushing = noting.flush()
        if (isPromise(flushing)) await flushing
        await publishAll()
      } while (again)
    } catch (error) {
      // Fails open for safe moves only: they are recorded in the store and wait there. Whatever runs publishes for itself.
      behind = true
      problem = { error }
    }
    // Whoever hears of it may record that, and kick again.
    draining = null
    if (problem !== null) degrade(problem.error)
    else if (degraded) {
      degraded = false
      onChange('restored', null)
    }
  }

  function kick(): void {
    again = true
    draining ??= drain()
  }

  return {
    append,
    recorded(events, how) {
      const taken = memory.add(events, how === 'alone', behind)
      if (how === 'by-caller') return
      if (taken) memory.send()
      else kick()
    },
    publishChain: (subject) =>
      andThen(memory.sendChain(subject), (held) => (held ? undefined : publishAll(subject))),
    kick,
    async idle() {
      await memory.idle()
      while (draining !== null) await draining
      await noting.idle()
    },
  }
}

const idOf = (event: AuditEvent): string => event.id
