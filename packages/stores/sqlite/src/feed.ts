import { createPace } from './pace'
import type { Queries } from './rows/statements'
import type { WriteWatch } from './write-watch'

type Listener = (requestIds: readonly string[]) => void

/** Tells who listens which requests may have changed, in this process and in others. */
export interface Feed {
  /** A transaction of this process was committed. */
  committed(change: number, requestIds: readonly string[]): void
  /** @param late - whoever listens asked for it before the file was open: the newest changes are told again */
  subscribe(listener: Listener, signal: AbortSignal, late?: boolean): void
  /** Nobody listens any more. */
  close(): void
}

/** What a {@link Feed} asks the file. */
export interface FeedSource {
  /** Differs once another connection committed. */
  version(): number
  /** The newest change. */
  newest(): number
  /** Ids of requests that changed after that, in order, with the number of their change. */
  after(change: number, limit: number): readonly (readonly [number, string])[]
  /** Whether a request waits for people. */
  pending(): boolean
}

const BATCH = 500
/** How many transactions are told again to who asked before the file was open. */
const RECENT = 100

/** Reads the feed from a file. */
export function feedSource(queries: Queries, fromColumn: (column: string) => string): FeedSource {
  const number = (sql: string) => Number(queries.get(sql, [])?.[0] ?? 0)
  return {
    version: () => number('PRAGMA data_version'),
    newest: () => number('SELECT number FROM changes'),
    after: (change, limit) =>
      queries
        .all('SELECT change, id FROM requests WHERE change > ? ORDER BY change LIMIT ?', [change, limit])
        .map(([made, id]) => [Number(made), fromColumn(String(id))]),
    pending: () => queries.get("SELECT 1 FROM requests WHERE status = 'pending' LIMIT 1", []) !== undefined,
  }
}

/**
 * Makes a feed that nobody listens to yet. However many listen, the file is asked at one pace whether another connection
 * committed: a look at shared memory, soon after the watch tells of a write, else seldom, and never without listeners.
 */
export function createFeed(source: FeedSource, watch: WriteWatch): Feed {
  const listeners = new Set<Listener>()
  const pace = createPace({ look, isAwaited: () => awaited, watch })
  let awaited = true
  let seenVersion = -1
  let seenChange = 0

  function announce(ids: readonly string[]): void {
    if (ids.length === 0) return
    const told = Object.freeze([...ids])
    for (const listener of [...listeners]) {
      // One that was called before may have made this one stop listening.
      if (listeners.has(listener)) tell(listener, told)
    }
  }

  function look(): boolean {
    try {
      const version = source.version()
      if (version === seenVersion) return false
      catchUp()
      awaited = source.pending()
      seenVersion = version
      return true
    } catch {
      // The feed is a hint: what cannot be read now is read at the next look, or by the sweep.
      return false
    }
  }

  function catchUp(): void {
    for (;;) {
      const found = source.after(seenChange, BATCH)
      const last = found.at(-1)
      if (last === undefined) break
      // The last change may have more requests than the batch, so it is read again unless it stands alone.
      seenChange = found.length < BATCH || found[0]?.[0] === last[0] ? last[0] : last[0] - 1
      announce(found.map(([, id]) => id))
      if (found.length < BATCH) break
    }
  }

  return {
    committed(change, ids) {
      // Nothing of others lies in between: it need not be read again.
      if (change === seenChange + 1) seenChange = change
      announce(ids)
      pace.hasten()
    },
    subscribe(listener, signal, late = false) {
      if (signal.aborted) return
      // The same function may listen twice, each time until another signal.
      const own: Listener = (ids) => listener(ids)
      if (listeners.size === 0) seenChange = source.newest() - (late ? RECENT : 0)
      listeners.add(own)
      signal.addEventListener(
        'abort',
        () => {
          listeners.delete(own)
          if (listeners.size === 0) pace.stop()
        },
        { once: true },
      )
      pace.start()
    },
    close() {
      listeners.clear()
      pace.stop()
    },
  }
}

function tell(listener: Listener, ids: readonly string[]): void {
  try {
    listener(ids)
  } catch {
    // Who cannot take a hint reads again at the next sweep; the move was applied either way.
  }
}
