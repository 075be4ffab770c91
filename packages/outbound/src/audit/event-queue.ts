import { OutboundError } from '../errors'

/** An entry that waits, for one of the appends that handed it in. */
interface Waiting {
  readonly entry: Buffer
  readonly append: Append
}

/** What was handed in by one call, until all of it is settled. */
interface Append {
  left: number
  /** The first failure. */
  error: unknown
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Settles a batch: resolves when its entries count as kept, rejects when they do not. */
export type SendBatch = (entries: readonly Buffer[]) => Promise<void>

/**
 * Sends entries in their order, one batch at a time: what comes meanwhile goes with the next. Holds so many bytes and no
 * more.
 */
export class EventQueue {
  readonly #send: SendBatch
  readonly #batchBytes: number
  readonly #queueBytes: number
  #waiting: Waiting[] = []
  #bytes = 0
  #sending: Promise<void> | null = null

  constructor(send: SendBatch, batchBytes: number, queueBytes: number) {
    this.#send = send
    this.#batchBytes = batchBytes
    this.#queueBytes = queueBytes
  }

  /**
   * Resolves once every entry is settled well; rejects with the first failure once every entry is settled.
   *
   * @throws OutboundError `ERR_OUTBOUND_TOO_LARGE` at once, when it holds too much already
   */
  append(entries: readonly Buffer[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve()
    const bytes = entries.reduce((sum, { length }) => sum + length, 0)
    // What is larger than the whole queue is taken when nothing else is held: else it never could be.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#queueBytes)
      return Promise.reject(
        new OutboundError(
          'ERR_OUTBOUND_TOO_LARGE',
          `${this.#bytes} bytes of events wait for the receiver, and queueBytes is ${this.#queueBytes}`,
        ),
      )
    this.#bytes += bytes
    return new Promise((resolve, reject) => {
      const append: Append = { left: entries.length, error: undefined, resolve, reject }
      for (const entry of entries) this.#waiting.push({ entry, append })
      this.#sending ??= this.#run()
    })
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    while (this.#sending !== null) await this.#sending
  }

  async #run(): Promise<void> {
    // What is handed in within this turn goes with the first batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#take()
      const error: unknown = await this.#send(batch.map(({ entry }) => entry)).then(
        () => undefined,
        (thrown: unknown) => thrown ?? new Error('sending failed'),
      )
      for (const { entry, append } of batch) {
        this.#bytes -= entry.length
        settle(append, error)
      }
    }
    this.#sending = null
  }

  #take(): readonly Waiting[] {
    let bytes = 0
    let count = 0
    for (const { entry } of this.#waiting) {
      // With what stands between two of them.
      bytes += entry.length + 2
      if (count > 0 && bytes > this.#batchBytes) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }
}

function settle(append: Append, error: unknown): void {
  append.left -= 1
  append.error ??= error
  if (append.left > 0) return
  if (append.error === undefined) append.resolve()
  else append.reject(append.error)
}
