import type { ApprovalRequest } from '@gatewright/core'
import type { Following } from '@gatewright/core/review'
import type { Sight } from '../api/sight'

/** Somebody who hears of requests as they move. */
export interface Listener {
  /** What they may know of. Listeners whose sights have one name see the same, and are asked about once. */
  readonly sight: Sight
  /** Some moved: those that they may know of, each as it stands now, and never none. */
  tell(requests: readonly ApprovalRequest[]): void
  /** It could not be found out what they may know of, so they were told nothing. */
  missed(): void
}

/** Those who hear of all requests that they may know of (T04). */
export interface Audience {
  /** Tells from now on, until the function is called. A hint may be lost, and steps that follow closely are told as one. */
  join(listener: Listener): () => void
}

const BATCH = 500
/** So many sights at once, that a directory is not asked for all of them in one instant. */
const AT_ONCE = 32

/**
 * Makes an audience: one subscription to the gate however many listen, and none while nobody does.
 *
 * @param gatherMs - steps that follow each other this closely are told together
 */
export function createAudience(following: Following, gatherMs: number): Audience {
  const groups = new Map<string, Set<Listener>>()
  const moved = new Map<string, ApprovalRequest>()
  let unfollow: (() => void) | null = null
  let telling = false

  async function tellSoon(): Promise<void> {
    telling = true
    try {
      while (moved.size > 0) {
        await (gatherMs > 0 ? new Promise((resolve) => setTimeout(resolve, gatherMs).unref()) : null)
        const batch = [...moved.values()].slice(0, BATCH)
        for (const { id } of batch) moved.delete(id)
        await tellAll(batch)
      }
    } finally {
      telling = false
    }
  }

  async function tellAll(batch: readonly ApprovalRequest[]): Promise<void> {
    const left = [...groups.values()]
    const work = async (): Promise<void> => {
      for (let group = left.pop(); group !== undefined; group = left.pop()) await tellGroup(group, batch)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  async function tellGroup(group: ReadonlySet<Listener>, batch: readonly ApprovalRequest[]): Promise<void> {
    const [first] = group
    if (first === undefined) return
    let seen: readonly ApprovalRequest[]
    try {
      const sees = await first.sight.sees(batch)
      seen = batch.filter((_, index) => sees[index] === true)
    } catch {
      // Fails closed: who cannot be identified is told nothing.
      for (const listener of [...group]) listener.missed()
      return
    }
    if (seen.length > 0) for (const listener of [...group]) listener.tell(seen)
  }

  return {
    join(listener) {
      const { name } = listener.sight
      const group = groups.get(name) ?? new Set()
      groups.set(name, group.add(listener))
      unfollow ??= following.all((request) => {
        moved.set(request.id, request)
        if (!telling) void tellSoon()
      })
      return () => {
        group.delete(listener)
        if (group.size === 0 && groups.get(name) === group) groups.delete(name)
        if (groups.size > 0) return
        unfollow?.()
        unfollow = null
        moved.clear()
      }
    },
  }
}
