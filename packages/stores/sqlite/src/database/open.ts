import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Settings } from '../options'
import { openReader, openWriter, prepareWriting, type Reader, type WritingConnection } from './connection'
import { migrate } from './migrate'
import { patiently } from './patiently'
import { MIGRATIONS } from './schema'

/** Both connections to a file whose schema is the newest. */
export interface OpenedDatabase {
  readonly reader: Reader
  readonly writing: WritingConnection
}

/**
 * Opens the file, and makes it when there is none.
 *
 * @throws what the system or the driver throws; GatewrightError when the schema is newer, or somebody else's
 */
export async function openDatabase({ file, synchronous, busyMs, cipher }: Settings): Promise<OpenedDatabase> {
  const path = resolve(file)
  makeFile(path)
  const writing = openWriter(path, busyMs)
  try {
    // Not even with a time-out would this wait for a lock.
    await patiently(busyMs, () => writing.exec('PRAGMA journal_mode = WAL'))
    await prepareWriting(writing, { synchronous, encrypted: cipher.sealingKeyId() !== null })
    await migrate(writing, MIGRATIONS, path)
    return { writing, reader: openReader(path, busyMs) }
  } catch (error) {
    writing.close()
    throw error
  }
}

/** SQLite would make the file for everybody to read. Its side files take the mode of the file. */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}
