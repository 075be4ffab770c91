import { randomBytes } from 'node:crypto'
import type { ApprovalStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describeApprovalStore, type StoreHarness } from '@gatewright/testing/conformance'
import { Pool } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type PostgresStoreOptions, postgresStore } from '../src'
import { startServer, type TestServer } from './server'

const KEY = randomBytes(32)
let server: TestServer
const used: string[] = []
let hosts: Pool
let schemas = 0

beforeAll(async () => {
  server = await startServer()
  hosts = new Pool({ connectionString: server.connectionString, max: 8 })
})
afterAll(async () => {
  await hosts.end()
  for (const schema of used) await server.admin.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
  await server.stop()
})

describeApprovalStore('the PostgreSQL store', harness({ clock: true }))
describeApprovalStore(
  'the PostgreSQL store by the server’s clock, with encryption, a prefix, and a pool that the host has',
  harness({
    hostPool: true,
    more: { tablePrefix: 'gw_', encryption: { keys: () => [{ id: 'one', key: KEY }] } },
  }),
)

function harness({
  clock: withClock = false,
  hostPool = false,
  more = {},
}: {
  readonly clock?: boolean
  readonly hostPool?: boolean
  readonly more?: Partial<PostgresStoreOptions>
}): StoreHarness {
  const clock = fakeClock()
  let schema = ''
  const open = (): ApprovalStore =>
    postgresStore({
      ...(hostPool ? { pool: hosts } : { connectionString: server.connectionString }),
      ...(withClock ? { clock } : {}),
      ...more,
      schema,
    })
  return {
    create() {
      schemas += 1
      schema = `c_${process.pid}_${schemas}_${Date.now()}`
      used.push(schema)
      return open()
    },
    dispose: (store) => store.close(),
    reopen: open,
    another: open,
    ...(withClock ? { clock } : {}),
  }
}
