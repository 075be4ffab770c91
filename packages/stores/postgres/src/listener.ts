import type { Database } from './database'
import type { Feed } from './feed'
import { pause } from './pause'
import type { PostgresConnection } from './pool'
import type { Rows } from './rows'
import { PLACE } from './sql'
import { textOf } from './text'

/** Hears of changes that other processes make, while somebody listens. */
export interface ChangeListener {
  start(): void
  stop(): void
}

/** How a {@link ChangeListener} works. */
export interface ChangeListenerOptions {
  readonly sender: string
  readonly listen: boolean
  readonly pollMs: number
}

const PAGE = 1_000
/** A change that was written earlier may become visible later: so long a transaction may take. In microseconds. */
const OVERLAP = 2_000_000

/**
 * LISTEN on a connection of its own, made again with growing pauses when it is lost; and a look at what changed since the
 * last look, after each loss and every `pollMs`.
 */
export function createChangeListener(
  database: Database,
  feed: Feed,
  rows: Rows,
  { sender, listen, pollMs }: ChangeListenerOptions,
): ChangeListener {
  const { requests, channel, mark } = database.names
  let running: AbortController | null = null
  let since: number | null = null
  let looking: Promise<void> | null = null

  function look(): Promise<void> {
    looking ??= lookOnce()
      .catch(() => undefined)
      .finally(() => {
        looking = null
      })
    return looking
  }

  async function lookOnce(): Promise<void> {
    if (since === null) {
      const [row] = await database.read({ text: `SELECT (${PLACE})::float8 AS place`, values: [] })
      since = Number(row?.place) - OVERLAP
    }
    let after = since
    for (;;) {
      const found = await database.read({
        name: `gw_changes_${mark}`,
        text: `SELECT id, place::float8 AS place, CASE WHEN substr(id, 1, 1) = '#' THEN body END AS body
          FROM ${requests} WHERE place > $1::float8::bigint ORDER BY place LIMIT $2`,
        values: [after, PAGE],
      })
      feed.heard(found.map((row) => textOf(String(row.id)) ?? rows.openRequest(row).id))
      const last = found.at(-1)
      if (last !== undefined) after = Number(last.place)
      if (found.length < PAGE) break
    }
    since = Math.max(since, after - OVERLAP)
  }

  async function hear(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await database.ready()
        const connection = await database.connect()
        try {
          await listenOn(connection, signal, () => {
            attempt = 0
          })
        } finally {
          // Not given back to others: it listens.
          connection.release(true)
        }
      } catch {
        // Lost, or none to be had: the look below finds what was missed.
      }
      if (!signal.aborted) await pause(attempt, 20, 5_000)
    }
  }

  /** Resolves when the connection is lost, or nobody listens any more. */
  async function listenOn(
    connection: PostgresConnection,
    signal: AbortSignal,
    onHearing: () => void,
  ): Promise<void> {
    let stop = (): void => undefined
    const lost = new Promise<void>((resolve) => {
      stop = () => resolve()
      connection.on('error', stop)
      connection.on('end', stop)
      signal.addEventListener('abort', stop, { once: true })
      // Nobody listens any more since the connection was asked for: the signal says it no second time.
      if (signal.aborted) stop()
    })
    connection.on('notification', ({ payload }) => take(payload))
    await connection.query({ text: `LISTEN "${channel}"`, values: [] })
    onHearing()
    await look()
    await lost
    signal.removeEventListener('abort', stop)
  }

  function take(payload: string | undefined): void {
    const [from, ...ids] = parsePayload(payload)
    if (from === sender) return
    if (ids.length === 0) void look()
    else feed.heard(ids)
  }

  return {
    start() {
      if (running !== null) return
      running = new AbortController()
      const { signal } = running
      if (listen) void hear(signal)
      else void look()
      const timer = setInterval(() => void look(), pollMs)
      timer.unref()
      signal.addEventListener('abort', () => clearInterval(timer), { once: true })
    },
    stop() {
      running?.abort()
      running = null
      since = null
    },
  }
}

/** Anybody who may connect can notify: whatever it is, it is a hint at the most. */
function parsePayload(payload: string | undefined): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(payload ?? '')
    return Array.isArray(parsed) ? parsed.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}
