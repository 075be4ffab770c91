import { type Chain, emptyOut, heldWhole } from './chain'
import type { Entry } from './listing'
import { createOldest } from './oldest'

/** The events of finished requests that a log may still want. */
export interface Lingering {
  /** The request is finished, and some log has each of its events: drops those that no log wants. */
  finished(entry: Entry): void
  /** The request was deleted, or moved on. */
  forget(entry: Entry): void
}

/** How many finished requests keep their events for a log that may never catch up. */
const KEPT = 1_000

/**
 * Makes an empty set of them. Two gates with a log each may share a store, and whichever publishes first has the request
 * finished and published while the other has still to complete its own log (T54): that of the process which ran it, and
 * will never take it for cut off; or, where it was cut off and goes on all the same (T52), that of a process which has
 * not begun to publish at all.
 */
export function createLingering(): Lingering {
  const chains = createOldest<Chain>()
  return {
    finished({ request, chain }) {
      if (request.status !== 'unknown' && heldWhole(chain)) {
        chains.delete(chain)
        emptyOut(chain)
        return
      }
      chains.add(chain)
      const dropped = chains.size > KEPT ? chains.take() : undefined
      if (dropped !== undefined) emptyOut(dropped)
    },
    forget({ chain }) {
      chains.delete(chain)
    },
  }
}
