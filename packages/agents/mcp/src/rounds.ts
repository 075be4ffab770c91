import { createHash } from 'node:crypto'
import type { CallParams, Outcome } from './messages'

/** One `tools/call` request, as its transport has it. */
export interface Turn {
  /** Its id on the connection; `undefined` where it has none yet. */
  readonly id: string | number | undefined
  readonly params: CallParams
  /** Aborted when the client gives the call up, or is gone. */
  readonly gaveUp: AbortController
  /** Sends the call to the server with these arguments, and resolves with its answer. Rejects when none can come. */
  exchange(args: unknown): Promise<Outcome>
  /** Tells the server that nobody waits for its answer. */
  stop(reason: string): void
  /** Tells the client that the call goes on. */
  beat(): void
}

/** A turn, and how it is answered. `null`: nobody waits for an answer. */
export interface Held {
  readonly turn: Turn
  readonly answer: (outcome: Outcome | null) => void
}

/** Calls that wait for another round of their client. `owner`: whose they are, as the transport knows it. */
export interface Rounds {
  /** The call that goes on with this request, given to whoever waits for it. `false`: it is a call of its own. */
  goesOn(held: Held, owner: string | undefined): boolean
  /** Resolves with the request that goes on; rejects when the signal aborts, or none comes in time. */
  next(state: string, first: CallParams, owner: string | undefined, signal: AbortSignal): Promise<Held>
}

/** How long a client may take to come back: a person may sit before its question. */
const PATIENCE_MS = 15 * 60_000

/**
 * Joins the rounds of one call (protocol 2026-07-28): a server may answer `input_required`, and the client then repeats the
 * call under a new id with the server's `requestState`. It goes on with the same approval only where tool, arguments and
 * owner are the same too: a state may be guessed, and servers give the same one to many.
 */
export function callRounds(): Rounds {
  // Equal calls of one owner under one state: which of them goes on first makes no difference.
  const waiting = new Map<string, Set<(held: Held) => void>>()

  function leave(key: string, goOn: (held: Held) => void): void {
    const others = waiting.get(key)
    others?.delete(goOn)
    if (others?.size === 0) waiting.delete(key)
  }

  return {
    goesOn(held, owner) {
      const { requestState } = held.turn.params
      if (typeof requestState !== 'string') return false
      const [goOn] = waiting.get(keyOf(requestState, held.turn.params, owner)) ?? []
      goOn?.(held)
      return goOn !== undefined
    },
    next(state, first, owner, signal) {
      const key = keyOf(state, first, owner)
      return new Promise((resolve, reject) => {
        const goOn = (held: Held) => {
          over()
          resolve(held)
        }
        const aborted = () => end(signal.reason as Error)
        const timer = setTimeout(end, PATIENCE_MS, new Error('the client did not come back with its answer'))
        timer.unref()
        function over(): void {
          leave(key, goOn)
          clearTimeout(timer)
          signal.removeEventListener('abort', aborted)
        }
        function end(reason: Error): void {
          over()
          reject(reason)
        }
        if (signal.aborted) return aborted()
        signal.addEventListener('abort', aborted, { once: true })
        waiting.set(key, (waiting.get(key) ?? new Set()).add(goOn))
      })
    },
  }
}

function keyOf(state: string, { arguments: args = {}, name }: CallParams, owner = ''): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, state, name, args]))
    .digest('hex')
}
