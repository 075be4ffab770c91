import type { WriteWatch } from './write-watch'

/** When a file is looked at: soon after a sign that it was written to, seldom while none comes. */
export interface Pace {
  /** Looks from now on. Nothing, when it does already. */
  start(): void
  /** There may be something to see: looks soon. Nothing, when it has not started. */
  hasten(): void
  /** Looks no more, and watches nothing. */
  stop(): void
}

/** What a {@link Pace} is made of. */
export interface PaceParts {
  /** Whether there was something new. Must not throw. */
  readonly look: () => boolean
  /** Whether somebody waits for what `look` would find. */
  readonly isAwaited: () => boolean
  readonly watch: WriteWatch
}

/** After a sign: a commit is written first, then synced, and can be seen only then. Each next look waits twice as long. */
const FIRST_MS = 1
/** How seldom at the most while somebody waits and nothing tells of writes; and when a file is watched anew after a sign. */
const UNWATCHED_MS = 32
/** How seldom at the most when nothing tells of writes and nobody waits. */
const IDLE_MS = 256
/** How seldom at the most while the watch tells of writes. */
const WATCHED_MS = 512
/** How long a watch is not relied on that could not be had, or stayed silent. */
const DISTRUST_MS = 5 * 60_000

/**
 * Makes a pace that has not started.
 *
 * A watch is relied on until a change is found that it did not tell of, as on a file system that tells nothing: that one is
 * found {@link WATCHED_MS} late at the most, those after it {@link UNWATCHED_MS}, until the watch is tried again. A commit that takes longer
 * than {@link WATCHED_MS} from its write to its end looks the same, and costs no more than that. The watch is closed at its first sign
 * and opened again when the looks after it are done, so that a program that writes much hears of it seldom. Neither timers
 * nor the watch keep a process alive.
 */
export function createPace({ look, isAwaited, watch }: PaceParts): Pace {
  let timer: NodeJS.Timeout | null = null
  let watched: { close(): void } | null = null
  let gap = UNWATCHED_MS
  let distrustedUntil = Number.NEGATIVE_INFINITY

  function schedule(): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(tick, gap)
    timer.unref()
  }

  function tick(): void {
    const relied = gap === WATCHED_MS ? watched : null
    if (gap >= UNWATCHED_MS && watched === null && performance.now() >= distrustedUntil) openWatch()
    const found = look()
    // Whoever is told by `look` may have stopped this.
    if (timer === null) return
    // The system queues a sign before the commit can be seen: one turn of the loop later it has come, if it ever does.
    if (found && relied !== null)
      setImmediate(() => {
        if (watched === relied) distrust()
      })
    gap = Math.min(gap * 2, slowest())
    schedule()
  }

  function slowest(): number {
    if (watched !== null) return WATCHED_MS
    return isAwaited() ? UNWATCHED_MS : IDLE_MS
  }

  function openWatch(): void {
    try {
      watched = watch({ written, failed: distrust })
    } catch {
      // Watches are few on some systems, and missing on others: looking more often does what they do.
      distrust()
    }
  }

  function closeWatch(): void {
    watched?.close()
    watched = null
  }

  function written(): void {
    closeWatch()
    hasten()
  }

  function distrust(): void {
    closeWatch()
    distrustedUntil = performance.now() + DISTRUST_MS
    hasten()
  }

  function hasten(): void {
    if (timer === null || gap <= UNWATCHED_MS) return
    gap = FIRST_MS
    schedule()
  }

  return {
    start() {
      if (timer !== null) return
      gap = UNWATCHED_MS
      schedule()
    },
    hasten,
    stop() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      closeWatch()
    },
  }
}
