import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApprovalStore, Clock } from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { sqliteStore } from '@gatewright/store-sqlite'
import { type FakeClock, fakeClock, serialisingStore } from '@gatewright/testing'
import { startServer } from '../../../packages/stores/postgres/test/server'

/** A store that is empty each time. */
export interface EmptyStores {
  open(): Promise<{ readonly store: ApprovalStore; readonly clock: FakeClock; end(): Promise<void> }>
  stop(): Promise<void>
}

/** The stores that are held against the one in memory, and how many sequences take a few seconds. */
export const STORES: readonly {
  readonly name: string
  readonly quick: number
  readonly begin: () => Promise<EmptyStores>
}[] = [
  {
    name: 'the serialising store',
    quick: 200,
    begin: async () => ({
      async open() {
        const clock = fakeClock()
        const store = serialisingStore({ clock })
        return { store, clock, end: async () => store.close() }
      },
      stop: async () => undefined,
    }),
  },
  { name: 'the SQLite store', quick: 80, begin: sqlite },
  { name: 'the PostgreSQL store', quick: 30, begin: postgres },
]

async function sqlite(): Promise<EmptyStores> {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-alike-'))
  let files = 0
  return {
    async open() {
      files += 1
      const clock = fakeClock()
      const file = join(directory, `${files}.db`)
      const store = sqliteStore({ file, clock, synchronous: 'normal' })
      await store.opened
      return { store, clock, end: async () => store.close() }
    },
    stop: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

async function postgres(): Promise<EmptyStores> {
  const server = await startServer()
  const schema = `alike_${process.pid}`
  let clock = fakeClock()
  const moving: Clock = { now: () => clock.now(), setTimer: (run, ms) => clock.setTimer(run, ms) }
  const { connectionString } = server
  const store = postgresStore({ connectionString, schema, clock: moving, maxConnections: 3, listen: false })
  await store.ready()
  const { rows } = await server.admin.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_name <> 'migrations'",
    [schema],
  )
  // Making the tables anew would take ten times as long.
  const empty = rows.map(({ table_name }) => `DELETE FROM ${schema}.${table_name}`).join(';')
  return {
    async open() {
      await server.admin.query(empty)
      clock = fakeClock()
      return { store, clock, end: async () => undefined }
    },
    async stop() {
      await store.close()
      await server.admin.query(`DROP SCHEMA ${schema} CASCADE`)
      await server.stop()
    },
  }
}
