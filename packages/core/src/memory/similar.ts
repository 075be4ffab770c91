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
  const actions = new Map<string, Map<string, Entry[]>>()

  return {
    decided(entry) {
      const { action, argumentShape } = entry.request
      const shapes = actions.get(action) ?? new Map<string, Entry[]>()
      const kept = shapes.get(argumentShape) ?? []
      actions.set(action, shapes)
      shapes.set(argumentShape, kept)
      kept.push(entry)
      if (kept.length > KEPT) kept.shift()
    },
    newest(action, argumentShape, limit) {
      const kept = actions.get(action)?.get(argumentShape)
      return kept === undefined || limit <= 0 ? [] : kept.slice(-limit).reverse()
    },
    remove(entry) {
      const { action, argumentShape } = entry.request
      const shapes = actions.get(action)
      const kept = shapes?.get(argumentShape)
      const index = kept?.indexOf(entry) ?? -1
      if (index < 0) return
      kept?.splice(index, 1)
      if (kept?.length === 0) shapes?.delete(argumentShape)
      if (shapes?.size === 0) actions.delete(action)
    },
  }
}
