const MOST = 8_640_000_000_000_000

/** A time as ISO 8601 in UTC; the bare number where it is none. */
export function isoTime(time: number): string {
  return Math.abs(time) <= MOST ? new Date(time).toISOString() : `${time}`
}

/** A time for people, to the second: `2026-10-01 10:00:00 UTC`. */
export function readableTime(time: number): string {
  return Math.abs(time) <= MOST
    ? `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    : `${time}`
}

/** A duration for people: `340 ms`, `2.5 s`, `3 min 20 s`, `5 h 3 min`. */
export function readableDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.round(minutes / 1_440)} days`
}
