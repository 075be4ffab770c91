/** What a turn of the event loop counts at most: one that takes longer is a machine's that stalls, and nobody's fault. */
const LONGEST_TURN_MS = 50

/**
 * How long something that should happen is waited for: so many real milliseconds in which this process could go on.
 *
 * @returns says whether they are over; to be asked at each turn
 */
export function startPatience(ms: number): () => boolean {
  let left = ms
  let last = performance.now()
  return () => {
    const now = performance.now()
    left -= Math.min(now - last, LONGEST_TURN_MS)
    last = now
    return left <= 0
  }
}
