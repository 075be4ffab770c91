import type { Entry } from './listing'

/** Decided requests by action and argument shape, the newest decisions only. */
export interface SimilarIndex {
  /** The entry's request was just decided. */
  decided(entry: Entry): void
  newest(action: string, argumentShape: string, limit: number): readonly Entry[]
  remove(entry: Entry): void
}

/** How many decisions of one kind are remembered: more than any reviewer is shown. */
const KEPT = 20

/** Makes an empty index. */
export function createSimilarIndex(): SimilarIndex {
  const kinds = new Map<string, Entry[]>()
  // A shape begins with a bracket, which no action's name holds.
  const kindOf = ({ request }: Entry) => request.action + request.argumentShape

  return {
    decided(entry) {
      const kept = kinds.get(kindOf(entry)) ?? []
      kinds.set(kindOf(entry), kept)
      kept.push(entry)
      if (kept.length > KEPT) kept.shift()
    },
    newest(action, argumentShape, limit) {
      const kept = kinds.get(action + argumentShape)
      return kept === undefined || limit <= 0 ? [] : kept.slice(-limit).reverse()
    },
    remove(entry) {
      const kept = kinds.get(kindOf(entry)) ?? []
      const index = kept.indexOf(entry)
      if (index >= 0) kept.splice(index, 1)
      if (kept.length === 0) kinds.delete(kindOf(entry))
    },
  }
}
