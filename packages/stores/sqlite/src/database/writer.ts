import type { WriteInput, WriteName, WriteResult } from '../writes/writes'
import type { Executed, Executor, Job, Outcome } from './executor'

/** Gathers writes, so that those which come together share one transaction and one sync. */
export interface Writer {
  /** Resolves once the write is durable; rejects when it threw, with nothing of it left, or when it could not be committed. */
  write<Name extends WriteName>(name: Name, ...given: WriteInput<Name>): Promise<WriteResult<Name>>
  /** Resolves when all that was asked for has ended. */
  idle(): Promise<void>
}

/** What a {@link Writer} is made of. */
export interface WriterParts {
  /** Asked at each transaction; `waiting`: how many writes wait for it. */
  readonly executor: (waiting: number) => Executor
  /** The error to reject with. */
  readonly errorOf: (error: unknown) => Error
  /** Hears of requests that were changed, once they are durable: the number of the transaction, and their ids as columns. */
  readonly onCommit: (change: number, ids: readonly string[]) => void
}

interface Waiting extends Job {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Transacted {
  readonly batch: readonly Waiting[]
  readonly executed: Executed
}

/** How many share a transaction: while one half of the callers is answered, the other half's writes are under way. */
const MOST = 128

/** Makes the writer. */
export function createWriter({ executor, errorOf, onCommit }: WriterParts): Writer {
  let queue: Waiting[] = []
  let draining: Promise<void> | null = null

  async function transact(): Promise<Transacted> {
    let batch: readonly Waiting[] | null = null
    try {
      const chosen = executor(queue.length)
      await chosen.begin()
      // Taken only now: what came while the lock was waited for goes along.
      batch = take()
      return { batch, executed: await chosen.run(batch) }
    } catch (error) {
      batch ??= take()
      return { batch, executed: { outcomes: batch.map(() => ({ error })), change: null, changed: [] } }
    }
  }

  function take(): readonly Waiting[] {
    const batch = queue.slice(0, MOST)
    queue = queue.slice(MOST)
    return batch
  }

  /** The next transaction begins before the callers of the last one go on: they and it work at the same time. */
  async function drain(): Promise<void> {
    let under = transact()
    for (;;) {
      const done = await under
      const more = queue.length > 0
      if (more) under = transact()
      settle(done)
      if (!more) break
    }
    draining = null
    if (queue.length > 0) start()
  }

  function start(): void {
    draining ??= Promise.resolve().then(drain)
  }

  function settle({ batch, executed: { outcomes, change, changed } }: Transacted): void {
    if (change !== null) onCommit(change, changed)
    for (const [index, job] of batch.entries()) settleJob(job, outcomes[index])
  }

  function settleJob({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
    if (outcome === undefined) reject(errorOf(new Error('the write was not answered')))
    else if ('error' in outcome) reject(errorOf(outcome.error))
    else resolve(outcome.value)
  }

  return {
    write<Name extends WriteName>(name: Name, ...given: WriteInput<Name>) {
      return new Promise<WriteResult<Name>>((resolve, reject) => {
        queue.push({ name, given, resolve: resolve as (value: unknown) => void, reject })
        start()
      })
    },
    async idle() {
      while (draining !== null) await draining
    },
  }
}
