import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApprovalStore } from '@gatewright/core'
import type { EncryptionKey } from '@gatewright/core/encryption'
import { postgresStore } from '@gatewright/store-postgres'
import { sqliteStore } from '@gatewright/store-sqlite'
import { startServer, type TestServer } from '../../packages/stores/postgres/test/server'
import { sql } from '../../packages/stores/sqlite/test/sql'

/** A database of its own, which a test looks into and writes to behind the store's back. */
export interface EncryptedDatabase {
  /** The store with these keys; without any, it has no encryption. */
  open(keys: () => readonly EncryptionKey[]): ApprovalStore
  /** All that is stored, as text. */
  held(): Promise<string>
  /** Puts the document of one request in the place of another's. */
  putInPlace(of: string, from: string): Promise<void>
  /** Shortens what stands there of a request to so many bytes, or characters. */
  cut(id: string, to: number): Promise<void>
  /** A message `d-1` of the request `r-1`, sealed by the first release that encrypted. */
  putOldDelivery(): Promise<void>
  dispose(): Promise<void>
}

/**
 * `{"reference":"der Zoll sagt äh—nein"}`, sealed with 32 bytes of 7 as the key `k-1` when the format was new. Never made anew:
 * whoever changes the format has to go on reading this.
 */
export const OLD_KEY: EncryptionKey = { id: 'k-1', key: new Uint8Array(32).fill(7) }
const OLD_IN_SQLITE =
  'AQNrLTFXgWAGd4yMEJEz7/qnxy3lqUPr3Z8BfIfYdTJVIDEpHDrglF5uGbIW0B5NReRNrzSQitaSOhpacDNfbMn51BFVAfoClA=='
const OLD_IN_POSTGRES =
  'gw1:k-1:FGK/ZIcF0alWHKLhDxxmIFvcDS3Vzu0mWPbo/lk0zZbN/JF98hKbCr+Xsw41SYp2AgZenWg2qnxUC2WhTZR/TkX1qfg='

/** The stores that can encrypt, each with a way to make databases. */
export const ENCRYPTING_STORES: readonly {
  readonly name: string
  readonly begin: () => Promise<{ make(): EncryptedDatabase; stop?(): Promise<void> }>
}[] = [
  { name: 'SQLite', begin: async () => ({ make: inSqlite }) },
  {
    name: 'PostgreSQL',
    async begin() {
      const server = await startServer()
      return { make: () => inPostgres(server), stop: () => server.stop() }
    },
  },
]

function inSqlite(): EncryptedDatabase {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-encrypted-'))
  const file = join(directory, 'requests.db')
  const stores: ApprovalStore[] = []
  const run = async (text: string, ...values: readonly unknown[]) => sql(file, text, ...values)
  return {
    open(keys) {
      const store = sqliteStore({ file, ...optionsOf(keys) })
      stores.push(store)
      return store
    },
    held: async () => [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join(''),
    putInPlace: (of, from) =>
      run('UPDATE requests SET state = (SELECT state FROM requests WHERE id = ?) WHERE id = ?', from, of),
    cut: (id, to) => run(`UPDATE requests SET state = substr(state, 1, ${to}) WHERE id = ?`, id),
    putOldDelivery: () =>
      run(
        "INSERT INTO deliveries (id, request, due_at, doc) VALUES ('d-1', 'r-1', NULL, ?)",
        Buffer.from(OLD_IN_SQLITE, 'base64'),
      ),
    async dispose() {
      await Promise.all(stores.map((store) => store.close()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

let schemas = 0

function inPostgres({ connectionString, admin }: TestServer): EncryptedDatabase {
  schemas += 1
  const schema = `sealed_${process.pid}_${schemas}`
  const stores: ApprovalStore[] = []
  const run = async (text: string, ...values: readonly string[]) => {
    await admin.query(text.replaceAll('$schema', schema), [...values])
  }
  return {
    open(keys) {
      const store = postgresStore({ connectionString, schema, maxConnections: 2, ...optionsOf(keys) })
      stores.push(store)
      return store
    },
    async held() {
      const { rows } = await admin.query(
        'SELECT table_name FROM information_schema.tables WHERE table_schema = $1',
        [schema],
      )
      const texts = rows.map(async ({ table_name }) =>
        JSON.stringify((await admin.query(`SELECT * FROM ${schema}."${table_name}"`)).rows),
      )
      return (await Promise.all(texts)).join('\n')
    },
    putInPlace: (of, from) =>
      run(
        'UPDATE $schema.requests SET body = (SELECT body FROM $schema.requests WHERE id = $1) WHERE id = $2',
        from,
        of,
      ),
    cut: (id, to) => run(`UPDATE $schema.requests SET body = left(body, ${to}) WHERE id = $1`, id),
    putOldDelivery: () =>
      run(
        "INSERT INTO $schema.deliveries (id, request_id, next_at, body) VALUES ('d-1', 'r-1', NULL, $1)",
        OLD_IN_POSTGRES,
      ),
    async dispose() {
      await Promise.all(stores.map((store) => store.close()))
      await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    },
  }
}

function optionsOf(keys: () => readonly EncryptionKey[]) {
  return keys().length === 0 ? {} : { encryption: { keys } }
}
