import type { AuditEvent, AuditSink, Clock, Logger } from '@gatewright/core'

/** What a branch is made of. */
export interface BranchParts {
  readonly sink: AuditSink
  readonly clock: Clock
  readonly logger: Logger
  /** How many events are held for a sink that fails. */
  readonly held: number
}

interface Waiting {
  readonly events: readonly AuditEvent[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000

/**
 * One sink of a tee. Sends one batch at a time: what arrives meanwhile goes with the next, so that order is kept and a
 * sink's group commit is used. What a sink did not acknowledge is held and sent again before anything newer.
 */
export class Branch {
  readonly #parts: BranchParts
  #waiting: Waiting[] = []
  #missed: AuditEvent[] = []
  #sending: Promise<void> | null = null
  #pauseMs = 0
  #pausedUntil = Number.NEGATIVE_INFINITY
  #problem: unknown = null

  constructor(parts: BranchParts) {
    this.#parts = parts
  }

  /** Resolves once the sink holds the events and all that it missed before. */
  append(events: readonly AuditEvent[]): Promise<void> {
    if (this.#parts.clock.now() < this.#pausedUntil) {
      this.#hold(events)
      return Promise.reject(this.#problem)
    }
    if (this.#count() + events.length > this.#parts.held) {
      this.#lose(events.length, 'it takes events more slowly than they come')
      return Promise.reject(new Error(`${this.#parts.sink.logId} holds no more events`))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject })
      this.#sending ??= this.#send()
    })
  }

  /** Sends what it missed once more, and closes the sink. */
  async close(): Promise<void> {
    while (this.#sending !== null) await this.#sending
    if (this.#missed.length > 0) {
      this.#sending = this.#send()
      await this.#sending
    }
    if (this.#missed.length > 0) this.#lose(this.#missed.length, 'it was closed before it took them')
    await this.#parts.sink.close()
  }

  async #send(): Promise<void> {
    do {
      const taken = this.#waiting
      this.#waiting = []
      const batch = [...this.#missed, ...taken.flatMap(({ events }) => events)]
      this.#missed = []
      try {
        await this.#parts.sink.append(batch)
        this.#recovered()
        for (const { resolve } of taken) resolve()
      } catch (error) {
        this.#failed(error)
        // Those who came meanwhile learn at once that it fails, and do not wait for another try.
        const late = this.#waiting
        this.#waiting = []
        const newer = this.#missed
        this.#missed = batch
        this.#hold([...late.flatMap(({ events }) => events), ...newer])
        for (const { reject } of [...taken, ...late]) reject(error)
      }
    } while (this.#waiting.length > 0)
    this.#sending = null
  }

  #count(): number {
    return this.#waiting.reduce((sum, { events }) => sum + events.length, this.#missed.length)
  }

  #hold(events: readonly AuditEvent[]): void {
    this.#missed.push(...events)
    const excess = this.#missed.length - this.#parts.held
    if (excess <= 0) return
    this.#missed.splice(0, excess)
    this.#lose(excess, 'it fails for too long')
  }

  #failed(error: unknown): void {
    const { sink, logger, clock } = this.#parts
    if (this.#problem === null)
      logger.error(`the audit sink ${sink.logId} fails; what it misses is held`, { error })
    this.#problem = error
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2))
    this.#pausedUntil = clock.now() + this.#pauseMs
  }

  #recovered(): void {
    if (this.#problem !== null)
      this.#parts.logger.warn(`the audit sink ${this.#parts.sink.logId} works again`)
    this.#problem = null
    this.#pauseMs = 0
    this.#pausedUntil = Number.NEGATIVE_INFINITY
  }

  #lose(count: number, why: string): void {
    const { sink, logger } = this.#parts
    logger.error(`the audit sink ${sink.logId} will never hold ${count} events: ${why}`, { count })
  }
}
