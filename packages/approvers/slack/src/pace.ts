import type { Clock } from '@gatewright/core'
import { wait } from './wait'

/** One post a second and channel, as Slack asks for. */
const EVERY_MS = 1_000
/** Short bursts are allowed. */
const BURST = 10

/** Lets posts to one channel through at Slack's pace. */
export interface Pace {
  /** Resolves when it is this post's turn. Rejects when a signal is aborted first; the turn is then lost. */
  turn(channel: string, ...signals: readonly AbortSignal[]): Promise<void>
}

/** Makes a pace by a clock. Nothing is kept of channels that were quiet. */
export function createPace(clock: Clock): Pace {
  /** When a channel's posts so far will have been worked off at the steady pace. */
  const workedOff = new Map<string, number>()
  return {
    async turn(channel, ...signals) {
      const now = clock.now()
      for (const [one, at] of workedOff) if (at <= now) workedOff.delete(one)
      const at = Math.max(now, workedOff.get(channel) ?? now) + EVERY_MS
      workedOff.set(channel, at)
      const early = at - now - BURST * EVERY_MS
      if (early > 0) await wait(clock, early, ...signals)
    },
  }
}
