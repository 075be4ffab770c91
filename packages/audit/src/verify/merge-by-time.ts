import type { LoggedEvent } from './meaning/told'

/**
 * Hands on the events of several logs, each in its own order, and of all that are next the one with the earliest time: so
 * copies of an event, and a chain that is spread over logs, come close together.
 */
export async function mergeByTime(
  logs: readonly AsyncGenerator<Iterable<LoggedEvent>, void, void>[],
  take: (about: LoggedEvent) => void,
): Promise<void> {
  const [only] = logs
  if (only !== undefined && logs.length === 1) {
    for await (const events of only) for (const about of events) take(about)
    return
  }
  const cursors = logs.map((log) => ({ log, events: none(), next: null as LoggedEvent | null }))
  const open = new Set(cursors)
  while (open.size > 0) {
    for (const cursor of open) {
      while (cursor.next === null) {
        const more = await cursor.log.next()
        if (more.done === true) {
          open.delete(cursor)
          break
        }
        cursor.events = more.value[Symbol.iterator]()
        cursor.next = nextOf(cursor.events)
      }
    }
    // Until one of them has to be read on.
    while (open.size > 0) {
      let first: (typeof cursors)[number] | null = null
      let earliest = Number.POSITIVE_INFINITY
      for (const cursor of open) {
        const time = cursor.next?.event.time ?? Number.POSITIVE_INFINITY
        if (first === null || time < earliest) [first, earliest] = [cursor, time]
      }
      if (first?.next == null) return
      take(first.next)
      first.next = nextOf(first.events)
      if (first.next === null) break
    }
  }
}

function none(): Iterator<LoggedEvent> {
  return [][Symbol.iterator]()
}

function nextOf(events: Iterator<LoggedEvent>): LoggedEvent | null {
  const next = events.next()
  return next.done === true ? null : next.value
}
