// What every process of the example has in common: one database, one action, and a signed log of its own.
import { join } from 'node:path'
import { postgresStore } from '@gatewright/store-postgres'
import { createGate, group } from 'gatewright'
import { Pool } from 'pg'

/** What the action takes. */
export interface Export {
  readonly table: string
}

/** Opens the gate of one process. Its requests stand in PostgreSQL, where every other process sees them. */
export async function open(name: string) {
  const { DATABASE_URL: connectionString = '', LOGS = '.gatewright' } = process.env
  const store = postgresStore({ connectionString })
  await store.ready()
  const database = new Pool({ connectionString, max: 2 })
  const gate = createGate({
    agent: { id: 'export-bot', owner: null },
    approvers: [], // people come by themselves: with the inbox, or `npx gatewright inbox`
    reviewers: group('ops'),
    store,
    dataDirectory: join(LOGS, name), // one process writes one log
    sweepEvery: '500ms', // how soon a worker sees what nobody looks after
  })

  // Wrapped alike everywhere: whoever finds an approved call that nobody waits for runs it.
  const exportTable = gate.requireApproval(
    async ({ table }: Export) => {
      await database.query('INSERT INTO exports VALUES ($1, $2)', [table, name])
      return `${table}, by ${name}`
    },
    { action: 'data.export', onOrphan: 'run', keepResult: true },
  )

  async function close(): Promise<void> {
    await gate.close()
    await store.close()
    await database.end()
  }
  return { close, exportTable, gate }
}
