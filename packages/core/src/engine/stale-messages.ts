import type { Engine } from './engine'
import { createRetries } from './retries'

/** Requests whose messages could not be made true, until they are. */
export interface StaleMessages {
  failed(requestId: string): void
  settled(requestId: string): void
  has(requestId: string): boolean
  /** Tries those whose time has come. Resolves once they were tried; never rejects. */
  retryDue(): Promise<void>
}

/** One round of trying again: what it saw of each channel. */
export interface RetryRound {
  /** So many failed one after the other that the channel counts as away: the rest of it waits for the next sweep. */
  isAway(channel: string): boolean
  /** Something went well, or not. */
  told(channel: string, well: boolean): void
}

/** What {@link createStaleMessages} does with them. */
export interface StaleMessagesOptions {
  /** Tries once more, and says what came of it. Never rejects. */
  retry(requestId: string, round: RetryRound): Promise<void>
  /** There is no room for it. */
  forget(requestId: string): void
}

/** The most requests that are remembered: a few hundred bytes each. */
const MOST = 100_000
/** How many are tried at once: a channel is not flooded, and one that hangs does not hold up another for long. */
const AT_ONCE = 4
const IN_A_ROW = 5
const LONGEST_WAIT_MS = 300_000

/**
 * Keeps what is to be shown again: each with waits of its own, which grow from the gate's `delivery.backoff` to five minutes,
 * without end. In memory: what is left when the process ends, the next one finds by the versions that were shown.
 */
export function createStaleMessages(
  engine: () => Engine,
  { forget, retry }: StaleMessagesOptions,
): StaleMessages {
  const retries = createRetries(engine, {
    most: MOST,
    firstMs: () => engine().settings.deliveryBackoffMs,
    longestMs: LONGEST_WAIT_MS,
  })
  let full = false

  async function retryAll(ids: Iterator<string>): Promise<void> {
    const round = createRound()
    async function work(): Promise<void> {
      for (let next = ids.next(); next.done !== true; next = ids.next()) {
        if (engine().state.status === 'closed') return
        if (retries.has(next.value)) await retry(next.value, round)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  return {
    failed(id) {
      const at = retries.failed(id)
      if (at !== null) {
        engine().sweeper.due(at)
        return
      }
      forget(id)
      if (full) return
      full = true
      engine().logger.error(
        `more than ${MOST} requests have messages that could not be updated: those that come now wait for the next start. See why the channel refuses updates.`,
      )
    },
    settled(id) {
      retries.done(id)
      if (retries.size < MOST / 2) full = false
    },
    has: retries.has,
    retryDue: () => retryAll(retries.due().values()),
  }
}

/** Begins one. */
export function createRound(): RetryRound {
  const inARow = new Map<string, number>()
  return {
    isAway: (channel) => (inARow.get(channel) ?? 0) >= IN_A_ROW,
    told: (channel, well) => void inARow.set(channel, well ? 0 : (inARow.get(channel) ?? 0) + 1),
  }
}
