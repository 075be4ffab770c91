import type { Principal, RequestStatus, ReviewDocument } from '@gatewright/core'

/** One request that waits. */
export interface Entry {
  review: ReviewDocument
  readonly deliveries: Set<string>
  /** Who of the people here has voted on the document as it stands. */
  readonly voted: Set<Principal>
  /** A vote is on its way, and the newest that was heard of the request since. */
  voting: { news: ReviewDocument | null } | null
}

/** What waits, in the order of arrival, and what was said about what does not wait any more. */
export interface Queue {
  readonly size: number
  entries(): readonly Entry[]
  get(requestId: string): Entry | null
  add(review: ReviewDocument): Entry
  remove(requestId: string): void
  clear(): void
  /** Whether somebody here can still decide it. */
  canAct(entry: Entry): boolean
  /** The next one after `from`, around the end, that somebody here can still decide. It may be `from` itself. */
  following(from: Entry | null): Entry | null
  /** `2 of 3`, or nothing when there is only one. */
  position(entry: Entry): string
  /** Takes over a document unless it is older. Votes on another document do not count any more. */
  keep(entry: Entry, review: ReviewDocument): void
  /** Notes what was said of a request. `false`: just that was said already. */
  tell(requestId: string, status: RequestStatus): boolean
}

/** How many decided requests are remembered, so that the same news is not told twice. */
const remembered = 1000

/** An empty queue for the people at one terminal. */
export function createQueue(people: readonly Principal[]): Queue {
  const waiting = new Map<string, Entry>()
  const told = new Map<string, RequestStatus>()

  function canAct({ voted }: Entry): boolean {
    return people.some((one) => !voted.has(one))
  }

  return {
    get size() {
      return waiting.size
    },
    entries: () => [...waiting.values()],
    get: (requestId) => waiting.get(requestId) ?? null,
    add(review) {
      const entry: Entry = { review, deliveries: new Set(), voted: new Set(), voting: null }
      waiting.set(review.requestId, entry)
      return entry
    },
    remove(requestId) {
      waiting.delete(requestId)
    },
    clear() {
      waiting.clear()
    },
    canAct,
    following(from) {
      const entries = [...waiting.values()]
      const start = from === null ? 0 : entries.indexOf(from) + 1
      return [...entries.slice(start), ...entries.slice(0, start)].find(canAct) ?? null
    },
    position(entry) {
      return waiting.size < 2 ? '' : `${[...waiting.values()].indexOf(entry) + 1} of ${waiting.size}`
    },
    keep(entry, review) {
      if (review.progress.version < entry.review.progress.version) return
      if (review.digest !== entry.review.digest) entry.voted.clear()
      entry.review = review
    },
    tell(requestId, status) {
      if (told.get(requestId) === status) return false
      told.delete(requestId)
      told.set(requestId, status)
      const [oldest] = told.keys()
      if (told.size > remembered && oldest !== undefined) told.delete(oldest)
      return true
    },
  }
}
