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

/** Who is to be answered. Apart from what was asked for, which is let go of earlier. */
interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Queued {
  readonly job: Job
  readonly waiting: Waiting
}

interface Batch {
  readonly waiting: readonly Waiting[]
  readonly executed: Promise<Executed>
}

interface Transacted {
  readonly waiting: readonly Waiting[]
  readonly executed: Executed
}

/** How many share a transaction: while one half of the callers is answered, the other half's writes are under way. */
const MOST = 128

/** Makes the writer. */
export function createWriter({ executor, errorOf, onCommit }: WriterParts): Writer {
  let queue: Queued[] = []
  let draining: Promise<void> | null = null

  async function transact(): Promise<Transacted> {
    let waiting: readonly Waiting[] | null = null
    try {
      const chosen = executor(queue.length)
      await chosen.begin()
      // Taken only now: what came while the lock was waited for goes along.
      const batch = run(chosen)
      waiting = batch.waiting
      return { waiting, executed: await batch.executed }
    } catch (error) {
      waiting ??= take().map((queued) => queued.waiting)
      return { waiting, executed: { outcomes: waiting.map(() => ({ error })), change: null, changed: [] } }
    }
  }

  /** Not an async function, which would hold on to the jobs until it ends: texts that live for long are dear to collect. */
  function run(chosen: Executor): Batch {
    const batch = take()
    return {
      waiting: batch.map(({ waiting }) => waiting),
      executed: chosen.run(batch.map(({ job }) => job)),
    }
  }

  function take(): readonly Queued[] {
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

  function settle({ waiting, executed: { outcomes, change, changed } }: Transacted): void {
    if (change !== null) onCommit(change, changed)
    for (const [index, one] of waiting.entries()) answer(one, outcomes[index])
  }

  function answer({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
    if (outcome === undefined) reject(errorOf(new Error('the write was not answered')))
    else if ('error' in outcome) reject(errorOf(outcome.error))
    else resolve(outcome.value)
  }

  return {
    write<Name extends WriteName>(name: Name, ...given: WriteInput<Name>) {
      return new Promise<WriteResult<Name>>((resolve, reject) => {
        const waiting = { resolve: resolve as (value: unknown) => void, reject }
        queue.push({ job: { name, given }, waiting })
        start()
      })
    },
    async idle() {
      while (draining !== null) await draining
    },
  }
}
