import { driverError, isFatal } from '../driver-errors'
import type { Transaction } from '../writes/transaction'
import { createWrites, type WriteInput, type WriteName } from '../writes/writes'
import type { Statement, WritingConnection } from './connection'

/** A write that is asked for, in plain values: it may cross to another thread. */
export interface Job<Name extends WriteName = WriteName> {
  readonly name: Name
  readonly given: WriteInput<Name>
}

/** How a job ended: durably, or with nothing of it left. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** What a transaction did. */
export interface Executed {
  /** One for each job, in their order. */
  readonly outcomes: readonly Outcome[]
  /** Its number among those that changed requests, if it did. */
  readonly change: number | null
  /** The ids of requests that it changed, as columns. */
  readonly changed: readonly string[]
}

/** Runs jobs in transactions, one after the other. Neither method is called while another is under way. */
export interface Executor {
  /** Whether it refuses everything from now on. */
  readonly broken: boolean
  /** Takes the lock. @throws what the driver throws, and nothing was begun */
  begin(): Promise<void>
  /** Runs jobs in the transaction that was begun, and commits it. @throws what ended it for all of them, with nothing left */
  run(jobs: readonly Job[]): Promise<Executed>
}

/** Makes the executor of a connection that nobody else uses. @param now - asked within each transaction (T49) */
export async function createExecutor(database: WritingConnection, now: () => number): Promise<Executor> {
  const { writes, flush, discard } = await createWrites(database)
  const savepoint = await database.prepare('SAVEPOINT job')
  const release = await database.prepare('RELEASE job')
  const undo = await database.prepare('ROLLBACK TO job')
  const nextChange = await database.prepare('UPDATE changes SET number = number + 1 RETURNING number')
  let broken: unknown = null

  const call = ({ name, given }: Job, transaction: Transaction): unknown =>
    (writes[name] as (transaction: Transaction, ...given: readonly unknown[]) => unknown)(
      transaction,
      ...given,
    )

  /** @throws whatever a job throws: nearly none does, so nearly no transaction pays for savepoints */
  function runAll(jobs: readonly Job[], transaction: Transaction): readonly Outcome[] {
    const outcomes = jobs.map((job) => ({ value: call(job, transaction) }))
    flush()
    return outcomes
  }

  /** Each job whole or not at all. @throws what ended the whole transaction */
  function runEach(jobs: readonly Job[], transaction: Transaction): readonly Outcome[] {
    return jobs.map((job) => {
      savepoint.run([])
      try {
        const value = call(job, transaction)
        flush()
        release.run([])
        return { value }
      } catch (error) {
        discard()
        // A full disk, say, takes the whole transaction back.
        if (!database.inTransaction) throw error
        undo.run([])
        release.run([])
        return { error }
      }
    })
  }

  async function transact(jobs: readonly Job[], run: typeof runAll): Promise<Executed> {
    const transaction = createTransaction(now, nextChange)
    const outcomes = run(jobs, transaction)
    await database.exec('COMMIT')
    return { outcomes, change: transaction.number, changed: transaction.ids }
  }

  async function runPatiently(jobs: readonly Job[]): Promise<Executed> {
    try {
      return await transact(jobs, runAll)
    } catch (error) {
      discard()
      // Nothing of it was committed as long as the transaction is still open; then each is tried by itself.
      if (isFatal(error) || !database.inTransaction) throw error
    }
    await database.exec('ROLLBACK')
    await database.begin()
    return transact(jobs, runEach)
  }

  async function abandon(error: unknown): Promise<void> {
    if (isFatal(error)) broken = error
    try {
      if (database.inTransaction) await database.exec('ROLLBACK')
    } catch {
      broken = driverError('a transaction could neither be ended nor taken back', 'SQLITE_IOERR')
    }
  }

  /** A sync that failed is never tried again (I8): nothing can be said of the file any more. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (broken !== null) throw broken
    try {
      return await work()
    } catch (error) {
      await abandon(error)
      throw error
    }
  }

  return {
    get broken() {
      return broken !== null
    },
    begin: () => guarded(() => database.begin()),
    run: (jobs) => guarded(() => runPatiently(jobs)),
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
    changed(id: string) {
      ids.push(id)
    },
    ids,
    get number() {
      return number
    },
  }
}
