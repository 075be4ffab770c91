import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApprovalStore, Clock } from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { sqliteStore } from '@gatewright/store-sqlite'
import { startServer } from '../../packages/stores/postgres/test/server'

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
  )
}

function sharing(
  address: Address,
  open: (clock: Clock) => ApprovalStore,
  end: () => unknown,
): SharedDatabase {
  const opened: ApprovalStore[] = []
  return {
    address,
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
