import { isFatal, storeError, unavailable } from '../errors'
import type { Statement, WritingConnection } from './connection'

/** What a piece of work knows of the transaction it is in. */
export interface Transaction {
  /** The store's time, asked within the transaction (T49). */
  readonly now: number
  /** The number of this transaction among those that changed requests. */
  change(): number
  /** A request that others may wait for was changed. */
  changed(requestId: string): void
}

/** Work on the rows: whole, or not at all. It runs at once and must not wait for anything. */
export type Work<T> = (transaction: Transaction) => T

/** Gathers writes, so that those which come together share one transaction and one sync. */
export interface Writer {
  /** Resolves once the work is durable; rejects when it threw, with nothing of it left, or when it could not be committed. */
  write<T>(work: Work<T>): Promise<T>
  /** Resolves when all that was asked for has ended. */
  idle(): Promise<void>
}

/** What a {@link Writer} is made of. */
export interface WriterParts {
  readonly database: WritingConnection
  readonly path: string
  readonly now: () => number
  /** Hears of requests that were changed, once they are durable, with the number of the transaction. */
  readonly onCommit: (change: number, requestIds: readonly string[]) => void
}

interface Job {
  readonly work: Work<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** How many share a transaction: their statements run on the program's own thread, so not too many. */
const MOST = 128

/** Makes the writer of a connection that nobody else uses. */
export async function createWriter({ database, path, now, onCommit }: WriterParts): Promise<Writer> {
  const savepoint = await database.prepare('SAVEPOINT job')
  const release = await database.prepare('RELEASE job')
  const undo = await database.prepare('ROLLBACK TO job')
  const nextChange = await database.prepare('UPDATE changes SET number = number + 1 RETURNING number')
  let jobs: Job[] = []
  let draining: Promise<void> | null = null
  let broken: unknown = null

  /** @throws whatever a job throws: nearly none does, so nearly no transaction pays for savepoints */
  function runAll(batch: readonly Job[], transaction: Transaction): readonly Outcome[] {
    return batch.map(({ work }) => ({ value: work(transaction) }))
  }

  /** Each job whole or not at all. @throws what ended the whole transaction */
  function runEach(batch: readonly Job[], transaction: Transaction): readonly Outcome[] {
    return batch.map(({ work }) => {
      savepoint.run([])
      try {
        const value = work(transaction)
        release.run([])
        return { value }
      } catch (error) {
        // A full disk, say, takes the whole transaction back.
        if (!database.inTransaction) throw error
        undo.run([])
        release.run([])
        return { error }
      }
    })
  }

  async function transact(
    batch: readonly Job[],
    run: (batch: readonly Job[], transaction: Transaction) => readonly Outcome[],
  ): Promise<void> {
    const transaction = createTransaction(now, nextChange)
    const outcomes = run(batch, transaction)
    await database.exec('COMMIT')
    if (transaction.number !== null) onCommit(transaction.number, transaction.ids)
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined) continue
      if ('error' in outcome) reject(storeError(outcome.error, path))
      else resolve(outcome.value)
    }
  }

  async function commitBatch(batch: readonly Job[]): Promise<void> {
    try {
      return await transact(batch, runAll)
    } catch (error) {
      // Nothing of it was committed as long as the transaction is still open; then each is tried by itself.
      if (isFatal(error) || !database.inTransaction) throw error
    }
    await database.exec('ROLLBACK')
    await database.begin()
    await transact(batch, runEach)
  }

  async function drain(): Promise<void> {
    while (jobs.length > 0) {
      let batch: readonly Job[] = jobs
      try {
        if (broken !== null) throw broken
        await database.begin()
        // Taken only now: what came while the lock was waited for goes along.
        batch = jobs.slice(0, MOST)
        await commitBatch(batch)
      } catch (error) {
        await abandon(error)
        for (const { reject } of batch) reject(storeError(error, path))
      }
      jobs = jobs.slice(batch.length)
    }
    draining = null
  }

  async function abandon(error: unknown): Promise<void> {
    if (isFatal(error)) broken = error
    try {
      if (database.inTransaction) await database.exec('ROLLBACK')
    } catch (rollbackError) {
      broken = unavailable(`a transaction on ${path} could neither be ended nor taken back.`, rollbackError)
    }
  }

  return {
    write<T>(work: Work<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        jobs.push({ work, resolve: resolve as (value: unknown) => void, reject })
        draining ??= Promise.resolve().then(drain)
      })
    },
    async idle() {
      while (draining !== null) await draining
    },
  }
}

function createTransaction(clock: () => number, nextChange: Statement) {
  const ids: string[] = []
  let number: number | null = null
  return {
    get now() {
      return clock()
    },
    change() {
      number ??= Number(nextChange.get([])?.[0])
      return number
    },
    changed(requestId: string) {
      ids.push(requestId)
    },
    ids,
    get number() {
      return number
    },
  }
}
