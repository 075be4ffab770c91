import type { ReviewDocument, ReviewLeaf } from '@gatewright/core'

/** What pages showed a while ago, so that somebody whose document became another one is told what changed. */
export interface ShownDocuments {
  keep(review: ReviewDocument): void
  /** The arguments of a document of this request; `null` where this process does not remember it. */
  argumentsOf(requestId: string, digest: string): readonly ReviewLeaf[] | null
}

const MOST_DOCUMENTS = 500
const MOST_LEAVES = 200_000

/** Remembers the newest documents in this process: only a convenience, since the gate alone judges votes. */
export function createShownDocuments(): ShownDocuments {
  const shown = new Map<string, readonly ReviewLeaf[]>()
  let leaves = 0

  function drop(key: string): void {
    leaves -= shown.get(key)?.length ?? 0
    shown.delete(key)
  }

  return {
    keep({ requestId, digest, content }) {
      const key = `${requestId} ${digest}`
      drop(key)
      shown.set(key, content.arguments)
      leaves += content.arguments.length
      for (const oldest of shown.keys()) {
        if (shown.size <= MOST_DOCUMENTS && leaves <= MOST_LEAVES) break
        drop(oldest)
      }
    },
    argumentsOf: (requestId, digest) => shown.get(`${requestId} ${digest}`) ?? null,
  }
}
