/** Values that one side makes, each when the other side wants it. */
export interface Handover {
  /** Gives a value. Resolves when the next is wanted; to `false` once nobody wants any. */
  give(value: unknown): Promise<boolean>
}

interface Offer {
  readonly value: unknown
  readonly taken: (more: boolean) => void
}

/**
 * Yields what `work` gives, until it ends, and rejects with what it rejects with. What `work` gives waits until it is taken,
 * as in a generator; what reads can leave, and `give` says so.
 *
 * @param last - whether the answer of `work` is to be yielded too, given how many values were
 */
export async function* handedOver<T>(
  work: (handover: Handover) => Promise<T>,
  last: (answer: T, given: number) => readonly unknown[],
): AsyncGenerator<unknown, void, undefined> {
  const offers: Offer[] = []
  let wake = (): void => {}
  let left = false
  let given = 0
  let ended = false
  const give = (value: unknown): Promise<boolean> => {
    if (left) return Promise.resolve(false)
    given += 1
    return new Promise((taken) => {
      offers.push({ value, taken })
      wake()
    })
  }
  const answer = work({ give })
  const end = (): void => {
    ended = true
    wake()
  }
  answer.then(end, end)
  try {
    for (;;) {
      const offer = offers[0]
      if (offer !== undefined) {
        yield offer.value
        offers.shift()
        offer.taken(true)
      } else if (ended) break
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    yield* last(await answer, given)
  } finally {
    left = true
    for (const { taken } of offers) taken(false)
  }
}
