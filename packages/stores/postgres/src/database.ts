import { GatewrightError } from '@gatewright/core'
import { createDatabaseClock, type DatabaseClock } from './database-clock'
import {
  forgetsStatements,
  isConflict,
  isLost,
  isPassing,
  isUseless,
  storeError,
  unavailable,
} from './errors'
import { migrate } from './migrate'
import type { Names } from './names'
import type { Settings } from './options'
import { pause } from './pause'
import { createOwnPool, type OwnPool, type PostgresConnection, type PostgresPool, send } from './pool'
import { type Row, SERVER_TIME, type Statement } from './sql'

/** Sends one statement. */
export type Query = (statement: Statement) => Promise<readonly Row[]>

/** The server, with what makes it dependable. What fails for good rejects with `ERR_STORE_UNAVAILABLE`. */
export interface Database {
  readonly names: Names
  readonly clock: DatabaseClock
  /** Resolves once the schema is there and the server's time known. Tried anew at each call until it succeeded. */
  ready(): Promise<void>
  /** Asks; on a lost connection asks again. */
  read: Query
  /** Changes something by one statement, which is applied whole or not at all; on a conflict tries again. */
  write: Query
  /** Changes something by several statements. `work` may be called more than once. */
  transact<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** A connection to hold; whoever holds it gives it back. */
  connect(): Promise<PostgresConnection>
  /** Ends what is the store's own. */
  end(): Promise<void>
}

const CONFLICTS = 12
const READS = 3
const FENCE_MS = 2_000
const END_MS = 5_000

/** Makes the store's way to the server. Nothing is connected before the first use. */
export function createDatabase(settings: Settings, names: Names): Database {
  const own = settings.connectionString === null ? null : ownPool(settings, settings.connectionString)
  const pool: PostgresPool | null = own ?? settings.pool
  const clock = createDatabaseClock(settings.clock)
  // On a host's pool we know nothing of what stands between: a pooler may forget what was prepared.
  let prepare = own !== null
  let readying: Promise<void> | null = null
  let measuring = false

  async function connect(patienceMs = settings.connectMs): Promise<PostgresConnection> {
    const until = performance.now() + patienceMs
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (pool === null) throw unavailable('there is no pool.')
        const connection = await pool.connect()
        hearErrors(connection)
        return connection
      } catch (error) {
        if (!isPassing(error) || performance.now() >= until) throw error
        await pause(attempt, 20, 1_000)
      }
    }
  }

  async function withConnection<T>(
    work: (query: Query) => Promise<T>,
    onLost?: (connection: PostgresConnection) => Promise<void>,
  ): Promise<T> {
    const connection = await connect()
    let useless = true
    try {
      const answer = await work((statement) => send(connection, statement, prepare))
      useless = false
      return answer
    } catch (error) {
      useless = isUseless(error)
      throw error
    } finally {
      connection.release(useless)
      if (useless && onLost !== undefined) await onLost(connection)
    }
  }

  /**
   * Ends what the server still does for a connection that was lost: once the caller hears that a change is not known to have
   * been made, it is not made later either, and whoever then reads knows. Where the server does not permit it, or is gone,
   * nothing is lost but that.
   */
  async function fence(lost: PostgresConnection): Promise<void> {
    const name = own?.nameOf(lost)
    if (name === undefined) return
    try {
      const connection = await connect(FENCE_MS)
      try {
        const text = `SELECT pg_terminate_backend(pid, ${FENCE_MS}) FROM pg_stat_activity
          WHERE application_name = $1 AND usename = current_user`
        await send(connection, { text, values: [name] }, false)
      } finally {
        connection.release()
      }
    } catch {
      // Said above.
    }
  }

  async function attempts<T>(reads: boolean, work: (query: Query) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await withConnection(work, reads ? undefined : fence)
      } catch (error) {
        if (forgetsStatements(error) && prepare) prepare = false
        else if (isConflict(error) && attempt < CONFLICTS) await pause(attempt, 4, 500)
        else if (reads && isLost(error) && attempt < READS) await pause(attempt, 10, 500)
        else throw error
      }
    }
  }

  async function makeReady(): Promise<void> {
    try {
      await migrate(names, settings.migrate, (work) => withConnection(work))
      await measure()
    } catch (error) {
      readying = null
      throw ours(error)
    }
  }

  /** Reads the server's clock. */
  async function measure(): Promise<void> {
    await withConnection(async (query) => {
      const before = performance.now()
      const [row] = await query({ text: `SELECT ${SERVER_TIME} AS at`, values: [] })
      clock.reading(Number(row?.at), before, performance.now())
    })
  }

  function measureSometimes(): void {
    if (measuring || !clock.stale()) return
    measuring = true
    measure()
      .catch(() => undefined)
      .finally(() => {
        measuring = false
      })
  }

  function ready(): Promise<void> {
    readying ??= makeReady()
    return readying
  }

  async function run<T>(reads: boolean, work: (query: Query) => Promise<T>): Promise<T> {
    await ready()
    measureSometimes()
    try {
      return await attempts(reads, work)
    } catch (error) {
      throw ours(error)
    }
  }

  return {
    names,
    clock,
    ready,
    read: (statement) => run(true, (query) => query(statement)),
    write: (statement) => run(false, (query) => query(statement)),
    transact: (work) =>
      run(false, async (query) => {
        await query({ text: 'BEGIN', values: [] })
        try {
          const answer = await work(query)
          await query({ text: 'COMMIT', values: [] })
          return answer
        } catch (error) {
          if (!isLost(error)) await query({ text: 'ROLLBACK', values: [] }).catch(() => undefined)
          throw error
        }
      }),
    connect: () => connect(),
    end: async () => {
      if (own !== null) await Promise.race([own.end(), longestEnd()])
    },
  }
}

/** A connection that was lost without a word may never say that it has ended. */
function longestEnd(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, END_MS).unref()
  })
}

const heard = new WeakSet<PostgresConnection>()

/** Unheard, an error between two statements, or after the last, would end the program. */
function hearErrors(connection: PostgresConnection): void {
  if (heard.has(connection)) return
  heard.add(connection)
  connection.on('error', () => undefined)
}

function ownPool(settings: Settings, connectionString: string): OwnPool {
  return createOwnPool({ ...settings, connectionString })
}

function ours(error: unknown): unknown {
  return GatewrightError.isInstance(error) ? error : storeError(error)
}
