import type { LoggedEvent } from './meaning/told'

/**
 * Hands on the events of several logs, each in its own order, and of all that are next the one with the earliest time: so
 * copies of an event, and a chain that is spread over logs, come close together.
 */
export async function mergeByTime(
  logs: readonly AsyncGenerator<readonly LoggedEvent[], void, void>[],
  take: (about: LoggedEvent) => void,
): Promise<void> {
  const [only] = logs
  if (only !== undefined && logs.length === 1) {
    for await (const events of only) for (const about of events) take(about)
    return
  }
  const cursors = logs.map((log) => ({ log, events: [] as readonly LoggedEvent[], at: 0 }))
  const open = new Set(cursors)
  while (open.size > 0) {
    for (const cursor of open) {
      while (cursor.at === cursor.events.length) {
        const next = await cursor.log.next()
        if (next.done === true) {
          open.delete(cursor)
          break
        }
        cursor.events = next.value
        cursor.at = 0
      }
    }
    // Until one of them has to be read on.
    while (open.size > 0) {
      let first: (typeof cursors)[number] | null = null
      let earliest = Number.POSITIVE_INFINITY
      for (const cursor of open) {
        const time = cursor.events[cursor.at]?.event.time ?? Number.POSITIVE_INFINITY
        if (first === null || time < earliest) [first, earliest] = [cursor, time]
      }
      if (first === null) return
      take(first.events[first.at] as LoggedEvent)
      first.at += 1
      if (first.at === first.events.length) break
    }
  }
}
