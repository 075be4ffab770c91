import type { Clock } from '@gatewright/core'
import type { ClientAnswer } from '@gatewright/outbound'

/** As often one call waits for its turn, and as long at most, when it is asked to. */
const MOST_WAITS = 3
const LONGEST_WAIT_MS = 30_000

/**
 * Asks, and asks again after a 429 once the time it names has passed: what was refused so was not taken, so that sending
 * again leaves one message. Any other answer, and a 429 that comes too often or names too long a time, is the answer.
 *
 * @throws what `ask` throws, and the signal's reason
 */
export async function inTurn(
  clock: Clock,
  ask: () => Promise<ClientAnswer>,
  signal: AbortSignal | undefined,
): Promise<ClientAnswer> {
  for (let waits = 0; ; waits += 1) {
    const answer = await ask()
    const waitMs = answer.retryAfterMs ?? 1_000 * 2 ** waits
    if (answer.status !== 429 || waits === MOST_WAITS || waitMs > LONGEST_WAIT_MS) return answer
    await pause(clock, waitMs, signal)
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimer(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
