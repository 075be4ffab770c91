import type { AuditEvent, AuditSink } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { Clock } from '../contracts/clock'
import type { Logger } from '../contracts/logger'
import type { ApprovalStore } from '../contracts/store'
import { withDeadline } from '../values/deadline'
import { isPromise } from '../values/is-promise'

const BATCH = 256

/** Moves recorded events to the gate's log (I7). */
export interface Publisher {
  /** Resolves once the log holds the events durably; rejects when that cannot be said. They were never in the store's outbox. */
  append(events: readonly AuditEvent[]): Awaitable<void>
  /** Resolves once this gate's own log holds the subject's whole chain as the store knows it. */
  publishChain(subject: string): Promise<void>
  /** Publishes whatever no log has yet, in the background. A failure is told and tried again at the next sweep: safe moves never wait for a sink. */
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
export function createPublisher({
  sink,
  store,
  clock,
  logger,
  timeoutMs,
  onChange,
}: PublisherParts): Publisher {
  if (sink === null) return withoutLog()
  return publisherTo(sink, { store, clock, logger, timeoutMs, onChange })
}

/** Nothing is published here, and nothing that has to be published first may happen here (I7). */
function withoutLog(): Publisher {
  const refuse = (): Promise<never> => Promise.reject(new Error('this process has no log'))
  return { append: refuse, publishChain: refuse, kick() {}, idle: () => Promise.resolve() }
}

function publisherTo(
  sink: AuditSink,
  { store, clock, logger, timeoutMs, onChange }: Omit<PublisherParts, 'sink'>,
): Publisher {
  let draining: Promise<void> | null = null
  let again = false
  let degraded = false

  function append(events: readonly AuditEvent[]): Awaitable<void> {
    const appending = sink.append(events)
    return isPromise(appending) ? withDeadline(clock, timeoutMs, appending, 'the audit sink') : undefined
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
      const noting = store.outbox.published(sink.logId, events.map(idOf))
      if (isPromise(noting)) await noting
      // What was recorded meanwhile comes with a kick of its own.
      if (events.length < BATCH) return
    }
  }

  async function drain(): Promise<void> {
    let problem: { readonly error: unknown } | null = null
    try {
      do {
        again = false
        await publishAll()
      } while (again)
    } catch (error) {
      // Fails open for safe moves only: they are recorded in the store and wait there. Whatever runs publishes for itself.
      problem = { error }
    }
    // Whoever hears of it may record that, and kick again.
    draining = null
    if (problem === null) {
      if (degraded) {
        degraded = false
        onChange('restored', null)
      }
    } else if (!degraded) {
      degraded = true
      logger.error('audit events cannot be published; they stay recorded in the store', problem)
      onChange('degraded', problem.error)
    }
  }

  return {
    append,
    publishChain: publishAll,
    kick() {
      again = true
      draining ??= drain()
    },
    async idle() {
      while (draining !== null) await draining
    },
  }
}

const idOf = (event: AuditEvent): string => event.id
