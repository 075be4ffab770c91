import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApprovalStore, Clock } from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { sqliteStore } from '@gatewright/store-sqlite'
import { startServer, type TestServer } from '../../packages/stores/postgres/test/server'

/** Where a database is, as it is told to another process. */
export interface Address {
  /** The file, or a connection string. */
  readonly at: string
  /** `null`: SQLite. */
  readonly schema: string | null
}

/** A database that several processes share. */
export interface SharedDatabase {
  readonly address: Address
  /** The store as one more process opens it. */
  open(clock: Clock): ApprovalStore
  /** Resolves once no store is open in any process, and nothing is done any more for one that was killed. */
  alone(): Promise<void>
  dispose(): Promise<void>
}

/** Makes databases; PostgreSQL's is a server, which has to be stopped. */
export interface DatabaseServer {
  make(): SharedDatabase
  readonly stop?: () => Promise<void>
}

/** The durable stores, each with a way to begin a database of its own. */
export const DURABLE_STORES: readonly {
  readonly name: string
  readonly begin: () => Promise<DatabaseServer>
}[] = [
  {
    name: 'SQLite',
    begin: async () => ({ make: makeSqlite }),
  },
  {
    name: 'PostgreSQL',
    async begin() {
      const server = await startServer()
      let schemas = 0
      return {
        make() {
          schemas += 1
          const { connectionString } = server
          const schema = `threats_${process.pid}_${schemas}`
          return sharing(
            { at: connectionString, schema },
            (clock) => postgresStore({ connectionString, schema, clock, maxConnections: 3 }),
            () => server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`),
            () => noConnection(server.admin),
          )
        },
        stop: () => server.stop(),
      }
    },
  },
]

function makeSqlite(): SharedDatabase {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-threats-'))
  const file = join(directory, 'requests.db')
  return sharing(
    { at: file, schema: null },
    (clock) => sqliteStore({ file, clock }),
    () => rmSync(directory, { recursive: true, force: true }),
    // A file has no server: what a process had not written when it ended is not written.
    async () => {},
  )
}

/** A server goes on with what it had been sent before a process was killed, and only then ends the connection. */
async function noConnection(admin: TestServer['admin']): Promise<void> {
  const counting = `SELECT count(*)::int AS open FROM pg_stat_activity
    WHERE application_name LIKE 'gatewright %' AND datname = current_database()`
  for (;;) {
    const { rows } = await admin.query<{ open: number }>(counting)
    if (rows[0]?.open === 0) return
    await pause(2)
  }
}

function sharing(
  address: Address,
  open: (clock: Clock) => ApprovalStore,
  end: () => unknown,
  alone: () => Promise<void>,
): SharedDatabase {
  const opened: ApprovalStore[] = []
  return {
    address,
    alone,
    open(clock) {
      const store = open(clock)
      opened.push(store)
      return store
    },
    async dispose() {
      await Promise.all(opened.map((store) => store.close()))
      await end()
    },
  }
}
