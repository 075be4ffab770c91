import { texts } from './columns'
import type { Database } from './database'

type Listener = (requestIds: readonly string[]) => void

/** Tells who listens which requests may have changed: here at once, and other processes by NOTIFY. */
export interface Feed {
  announce(requestIds: readonly string[]): void
  /** Another process says so. */
  heard(requestIds: readonly string[]): void
  subscribe(listener: Listener): () => void
  readonly listeners: number
  close(): void
}

/** The most bytes of a notification; the server takes less than 8,000. */
const LONGEST = 7_900

/** @param notify - sends notifications; `null` when nobody hears them */
export function createFeed(sender: string, notify: Database | null): Feed {
  const listeners = new Set<Listener>()
  const changed = new Set<string>()
  let sending = false
  let closed = false

  function tell(ids: readonly string[]): void {
    for (const listener of [...listeners]) {
      // One that was called before may have made this one stop listening.
      if (!listeners.has(listener)) continue
      try {
        listener(ids)
      } catch {
        // The feed is a hint. Who cannot take it reads again at the next sweep; the move was applied either way.
      }
    }
  }

  async function send(database: Database): Promise<void> {
    sending = true
    // After the change itself: a transaction that notifies holds up every other that does while it commits.
    while (changed.size > 0 && !closed) {
      const payloads = payloadsOf(sender, [...changed])
      changed.clear()
      await database
        .read({
          name: 'gw_notify',
          text: 'SELECT pg_notify($1, p) FROM unnest($2::text[]) AS t(p)',
          values: [database.names.channel, texts(payloads)],
        })
        // A hint that is lost: others find the change when they look next.
        .catch(() => undefined)
    }
    sending = false
  }

  return {
    announce(ids) {
      if (ids.length === 0 || closed) return
      if (listeners.size > 0) tell(Object.freeze([...ids]))
      if (notify === null) return
      for (const id of ids) changed.add(id)
      if (!sending) void send(notify)
    },
    heard(ids) {
      if (ids.length > 0 && !closed) tell(Object.freeze([...ids]))
    },
    subscribe(listener) {
      // The same function may listen twice, each time until another signal.
      const own: Listener = (ids) => listener(ids)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    get listeners() {
      return listeners.size
    },
    close() {
      closed = true
      listeners.clear()
    },
  }
}

/** JSON lists of the sender and ids. A list without ids says that some did not fit: look for them. */
export function payloadsOf(sender: string, ids: readonly string[]): string[] {
  const payloads: string[] = []
  let texts: string[] = []
  let bytes = 0
  const room = LONGEST - Buffer.byteLength(JSON.stringify([sender]))
  const close = (): void => {
    if (texts.length > 0) payloads.push(`[${[JSON.stringify(sender), ...texts].join(',')}]`)
    texts = []
    bytes = 0
  }
  for (const id of ids) {
    const text = JSON.stringify(id)
    const more = Buffer.byteLength(text) + 1
    if (more > room) {
      payloads.push(JSON.stringify([sender]))
      continue
    }
    if (bytes + more > room) close()
    texts.push(text)
    bytes += more
  }
  close()
  return payloads
}
