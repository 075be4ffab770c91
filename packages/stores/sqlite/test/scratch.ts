import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type SqliteStore, type SqliteStoreOptions, sqliteStore } from '../src/index'

const directories: string[] = []
const stores: SqliteStore[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
})

/** A directory that is deleted after the test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-sqlite-'))
  directories.push(directory)
  return directory
}

/** A file in a directory of its own. */
export function scratchFile(): string {
  return join(scratch(), 'requests.db')
}

/** A store that is closed after the test. */
export function openStore(file: string, options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const store = sqliteStore({ file, ...options })
  stores.push(store)
  return store
}

/** A key of 32 equal bytes. */
export function keyOf(id: string, byte: number) {
  return { id, key: new Uint8Array(32).fill(byte) }
}
