/** The tables of a {@link serialisingStore}. */
export type TableName =
  | 'requests'
  | 'keys'
  | 'tombstones'
  | 'events'
  | 'outbox'
  | 'acknowledgements'
  | 'deliveries'
  | 'leases'
  | 'credentials'
  | 'grants'
  | 'links'
  | 'windows'
  | 'marks'
  | 'sequence'

/** Tables of text that outlive the stores which write them, as a disk outlives processes. */
export interface MemoryDisk {
  /**
   * Runs `work` as a transaction: what it wrote is on the disk, all of it at one instant, once it has returned. If it
   * throws, nothing is. It runs alone: nothing else reads or writes meanwhile.
   */
  transact<T>(work: (tables: Tables) => T): T
  /** What the tables hold, copied: two disks are equal when these are. */
  dump(): Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Tells every process which requests a transaction changed. Not kept. */
  announce(requestIds: readonly string[]): void
  listen(listener: (requestIds: readonly string[]) => void): void
  unlisten(listener: (requestIds: readonly string[]) => void): void
}

/** A transaction's view: the disk as it was, and what the transaction wrote. Rows are JSON text; each reading parses anew. */
export interface Tables {
  /** The row, for whoever asked: a value that nobody else holds. */
  read<T>(table: TableName, key: string): T | null
  /** Every row that `matches`, in the order of their first writing. `matches` must not keep or change what it is shown. */
  scan<T>(table: TableName, matches?: (row: T, key: string) => boolean): T[]
  write(table: TableName, key: string, row: unknown): void
  delete(table: TableName, key: string): void
}

/** A row as it was written. Its text never changes; what was parsed of it is for conditions alone. */
interface Row {
  readonly text: string
  peeked: unknown
}

type Rows = Map<string, Row>

/** An empty disk. */
export function memoryDisk(): MemoryDisk {
  const tables = new Map<TableName, Rows>()
  const listeners = new Set<(requestIds: readonly string[]) => void>()

  function rowsOf(table: TableName): Rows {
    const rows = tables.get(table) ?? new Map<string, Row>()
    tables.set(table, rows)
    return rows
  }

  return {
    transact(work) {
      const staged: Staged = new Map()
      const result = work(viewOf(rowsOf, staged))
      for (const [table, rows] of staged) commit(rowsOf(table), rows)
      return result
    },
    dump() {
      return Object.fromEntries(
        [...tables].map(([table, rows]) => [
          table,
          Object.fromEntries([...rows].map(([key, row]) => [key, row.text])),
        ]),
      )
    },
    announce(requestIds) {
      for (const listener of listeners)
        queueMicrotask(() => listeners.has(listener) && tell(listener, requestIds))
    },
    listen: (listener) => void listeners.add(listener),
    unlisten: (listener) => void listeners.delete(listener),
  }
}

function tell(listener: (requestIds: readonly string[]) => void, requestIds: readonly string[]): void {
  try {
    listener([...requestIds])
  } catch {
    // A process that cannot take a hint reads again at its next sweep.
  }
}

/** What a transaction wrote; `null` for a row that it deleted. */
type Staged = Map<TableName, Map<string, Row | null>>

function viewOf(rowsOf: (table: TableName) => Rows, staged: Staged): Tables {
  function current(table: TableName, key: string): Row | null {
    const own = staged.get(table)?.get(key)
    return own !== undefined ? own : (rowsOf(table).get(key) ?? null)
  }

  function keysOf(table: TableName): Iterable<string> {
    const own = staged.get(table)
    return own === undefined ? rowsOf(table).keys() : new Set([...rowsOf(table).keys(), ...own.keys()])
  }

  function stage(table: TableName, key: string, row: Row | null): void {
    const rows = staged.get(table) ?? new Map<string, Row | null>()
    staged.set(table, rows)
    rows.set(key, row)
  }

  return {
    read<T>(table: TableName, key: string) {
      const row = current(table, key)
      return row === null ? null : parse<T>(row)
    },
    scan<T>(table: TableName, matches: (row: T, key: string) => boolean = () => true) {
      const found: T[] = []
      for (const key of keysOf(table)) {
        const row = current(table, key)
        if (row !== null && matches(peek<T>(row), key)) found.push(parse<T>(row))
      }
      return found
    },
    write: (table, key, row) => stage(table, key, { text: JSON.stringify(row), peeked: undefined }),
    delete: (table, key) => stage(table, key, null),
  }
}

function commit(rows: Rows, staged: ReadonlyMap<string, Row | null>): void {
  for (const [key, row] of staged) {
    if (row === null) rows.delete(key)
    else rows.set(key, row)
  }
}

function parse<T>(row: Row): T {
  return JSON.parse(row.text) as T
}

/** The row, parsed once, so that a search does not parse the whole table each time. Never handed out. */
function peek<T>(row: Row): T {
  row.peeked ??= parse(row)
  return row.peeked as T
}
