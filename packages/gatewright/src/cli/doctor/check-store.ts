import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteStore } from '@gatewright/store-sqlite'
import Database from 'libsql'
import { quoteWord } from '../shell-words'
import { checkRequests } from './check-requests'
import { type DoctorFindings, reasonOf } from './findings'
import { checkPrivate } from './permissions'
import { copyStore } from './store-copy'
import type { DoctorSystem } from './system'

const MB = 1_048_576
/** Four times what a store lets lie beside its file before it folds it in. */
const LARGE_WAL = 64 * MB

/** The SQLite file of a gate: its modes, whether it is whole and of this version, and what waits in it. */
export async function checkStore(
  file: string,
  system: DoctorSystem,
  findings: DoctorFindings,
  quick: boolean,
): Promise<void> {
  if (!existsSync(file)) {
    findings.ok('store', `${file} is not there yet: the first start makes it`)
    return
  }
  for (const path of [file, `${file}-wal`, `${file}-shm`])
    if (existsSync(path)) checkPrivate('store', path, system, findings)
  checkWal(file, findings)
  if (quick) return
  let copy: ReturnType<typeof copyStore>
  try {
    copy = copyStore(file)
  } catch (error) {
    findings.warning(
      'store',
      `${file} could not be looked into: ${reasonOf(error)}`,
      'it is copied to look into it: make room in the folder for temporary files (TMPDIR), or call again with --quick',
    )
    return
  }
  try {
    if (!checkWhole(file, copy.file, findings)) return
    if (!(await checkVersion(file, copy, findings))) return
    const store = sqliteStore({ file: copy.file, thread: 'never' })
    try {
      await store.opened
      await checkRequests(store, system, findings)
    } catch (error) {
      findings.problem(
        'store',
        `the requests in ${file} cannot be read: ${reasonOf(error)}`,
        'where they are encrypted, name the config that has their key: gatewright doctor --config FILE',
      )
    } finally {
      await store.close()
    }
  } finally {
    copy.remove()
  }
}

function checkWal(file: string, findings: DoctorFindings): void {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false })
  if (wal !== undefined && wal.size > LARGE_WAL)
    findings.warning(
      'store',
      `${Math.round(wal.size / MB)} MB of newest writes lie beside ${file}, since somebody reads it without an end`,
      `find who has it open, such as a backup or a shell (lsof ${quoteWord(file)}), and end that; the next start folds them in`,
    )
}

/** By SQLite's own check. */
function checkWhole(file: string, copy: string, findings: DoctorFindings): boolean {
  const answer = ask(copy, 'PRAGMA quick_check(1)')
  if (answer === 'ok') return true
  findings.problem(
    'store',
    `${file} is damaged, or no SQLite file (${answer})`,
    `stop what uses it, keep a copy, then restore a backup, or salvage it: sqlite3 ${quoteWord(file)} .recover | sqlite3 new.db`,
  )
  return false
}

/** The version of its schema, beside the one that a new store of this version gets. */
async function checkVersion(
  file: string,
  copy: ReturnType<typeof copyStore>,
  findings: DoctorFindings,
): Promise<boolean> {
  const fresh = sqliteStore({ file: join(copy.directory, 'fresh.db'), thread: 'never' })
  await fresh.opened
  await fresh.close()
  const known = Number(ask(join(copy.directory, 'fresh.db'), VERSION))
  const found = Number(ask(copy.file, VERSION))
  if (Number.isNaN(found)) {
    findings.problem(
      'store',
      `${file} is the database of something else`,
      'name another directory with dataDirectory, in the config',
    )
    return false
  }
  if (found > known) {
    findings.problem(
      'store',
      `${file} was written by a newer version of gatewright (schema ${found}; this one knows ${known})`,
      'npm install gatewright@latest',
    )
    return false
  }
  const size = `${(statSync(file).size / MB).toFixed(1)} MB`
  const version =
    found === known ? `schema ${found}` : `schema ${found}, which the next start brings to ${known}`
  findings.ok('store', `${file} is whole: ${size}, ${version}`)
  return true
}

const VERSION = 'SELECT max(version) FROM gatewright_schema'

/** The one value that a query answers with, or what the driver said against it. */
function ask(file: string, sql: string): string {
  try {
    const database = new Database(file)
    try {
      const row = database.prepare(sql).raw().get([]) as readonly unknown[] | undefined
      return String(row?.[0])
    } finally {
      database.close()
    }
  } catch (error) {
    return reasonOf(error)
  }
}
