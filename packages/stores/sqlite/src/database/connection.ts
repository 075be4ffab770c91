import SyncDatabase from 'libsql'
import AsyncDatabase from 'libsql/promise'
import { patiently } from './patiently'

/** What a column holds. The driver ends the process for anything else, so nothing else may reach it. */
export type Value = string | number | Uint8Array | null

/** A row: its columns in the order of the statement. */
export type Row = readonly (string | number | Buffer | ArrayBuffer | null)[]

/** A prepared statement. It is at rest again when a call returns, so it holds no snapshot open. */
export interface Statement {
  get(parameters: readonly Value[]): Row | undefined
  run(parameters: readonly Value[]): { readonly changes: number }
}

/** A statement that reads rows. */
export interface Query extends Statement {
  all(parameters: readonly Value[]): readonly Row[]
}

/**
 * The connection that reads. Its calls answer at once: in WAL mode readers wait for nobody, and what they read nearly always
 * lies in memory.
 */
export interface Reader {
  prepare(sql: string): Query
  close(): void
}

/**
 * The connection that writes. `exec` runs on a thread of the driver, so that the sync of a commit blocks nobody here. Statements within a transaction run at once.
 */
export interface WritingConnection {
  readonly inTransaction: boolean
  /** Begins a transaction that writes. Waits for others that do, for as long as was said. */
  begin(): Promise<void>
  exec(sql: string): Promise<void>
  prepare(sql: string): Promise<Statement>
  close(): void
}

interface DriverStatement extends Query {
  raw(): DriverStatement
  readonly reader: boolean
}

/** Both kinds of the driver's connections, as far as they are used. */
interface DriverDatabase {
  readonly inTransaction: boolean
  exec(sql: string): unknown
  prepare(sql: string): DriverStatement | Promise<DriverStatement>
  close(): void
}

/** Opens the connection that reads. */
export function openReader(path: string, busyMs: number): Reader {
  const database = new SyncDatabase(path, { timeout: busyMs })
  return {
    prepare: (sql) => guarded(database.prepare(sql) as unknown as DriverStatement),
    close: () => void database.close(),
  }
}

/**
 * Opens a connection that writes.
 *
 * @param busyMs - how long `begin` waits for others
 * @param thread - whose thread commits: another one of the driver's, so that a sync blocks nobody here; or the caller's own
 */
export function openWriter(
  path: string,
  busyMs: number,
  thread: 'other' | 'own' = 'other',
): WritingConnection {
  const database = (thread === 'own'
    ? new SyncDatabase(path, { timeout: 0 })
    : new AsyncDatabase(path, { timeout: 0 })) as unknown as DriverDatabase
  const exec = async (sql: string): Promise<void> => {
    await database.exec(sql)
  }
  return {
    get inTransaction() {
      return database.inTransaction
    },
    begin: () => patiently(busyMs, () => exec('BEGIN IMMEDIATE')),
    exec,
    prepare: async (sql) => guarded(await database.prepare(sql)),
    close: () => database.close(),
  }
}

/** 16 MB: a page that changes often is copied back once, and not at every other commit. */
const CHECKPOINT_PAGES = 4_000
/** What waits for its next move stays in memory: with SQLite's 2 MB it is read back from the file seven times a call. */
const CACHE_KB = 16_000

/** Says to a connection that writes how careful it has to be. */
export async function prepareWriting(
  writing: WritingConnection,
  { synchronous, encrypted }: { readonly synchronous: 'full' | 'normal'; readonly encrypted: boolean },
): Promise<void> {
  await writing.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  await writing.exec(`PRAGMA cache_size = ${-CACHE_KB}`)
  await writing.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`)
  // What was written in clear before there were keys is not left lying in free pages.
  if (encrypted) await writing.exec('PRAGMA secure_delete = ON')
}

/** Rows as lists; and nothing reaches the driver that it cannot bind, since that would end the process. */
function guarded(statement: DriverStatement): Query {
  const rows = statement.reader ? statement.raw() : statement
  return {
    get: (parameters) => rows.get(bindable(parameters)),
    run: (parameters) => rows.run(bindable(parameters)),
    all: (parameters) => rows.all(bindable(parameters)),
  }
}

function bindable(parameters: readonly Value[]): readonly Value[] {
  for (const value of parameters as readonly unknown[]) {
    const type = typeof value
    if (type === 'string' || type === 'number' || value === null || value instanceof Uint8Array) continue
    throw new TypeError(`a text, a number, bytes or null was expected, and not ${type}`)
  }
  return parameters
}
