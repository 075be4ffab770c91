/** What became of one item of a batch. */
export type Settled<Result> =
  | { readonly type: 'done'; readonly value: Result }
  | { readonly type: 'failed'; readonly error: unknown }
  /** Nothing is known yet: the item comes again with a later batch. */
  | { readonly type: 'again' }

/** How a {@link Lane} works. */
export interface LaneOptions<Item, Result> {
  /** Does them all in one go, and answers for each, in order. Rejecting is an answer for all. */
  readonly run: (items: readonly Item[]) => Promise<readonly Settled<Result>[]>
  /** Names of what an item is about: two items that share one are never under way together. @default none */
  readonly about?: (item: Item) => readonly string[]
  /** How much an item weighs, in characters. @default nothing */
  readonly weight?: (item: Item) => number
  /** How many batches may be under way. @default 2 */
  readonly inFlight?: number
  /** The most items of a batch. @default 100 */
  readonly most?: number
  /** Whether a failure of several may be the fault of one, so that each is to be tried by itself. @default never */
  readonly isOnesFault?: (error: unknown) => boolean
}

/** Takes an item, and answers once its batch was done. */
export type Lane<Item, Result> = (item: Item) => Promise<Result>

interface Waiting<Item, Result> {
  readonly item: Item
  readonly about: readonly string[]
  readonly resolve: (value: Result) => void
  readonly reject: (error: unknown) => void
  tries: number
}

const HEAVIEST = 4_000_000
const MOST_TRIES = 50

/**
 * Gathers what one turn of the event loop asks for into one batch, and while batches are under way what comes meanwhile
 * into the next: the more there is to do, the larger they are.
 */
export function createLane<Item, Result>(options: LaneOptions<Item, Result>): Lane<Item, Result> {
  const { run, about, weight, inFlight = 2, most = 100, isOnesFault = () => false } = options
  let queue: Waiting<Item, Result>[] = []
  const busy = new Set<string>()
  let running = 0
  let scheduled = false

  function schedule(): void {
    if (scheduled || queue.length === 0 || running >= inFlight) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      start()
    })
  }

  function take(): readonly Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = []
    const staying: Waiting<Item, Result>[] = []
    // What a waiting item is about stays in order: nothing overtakes it.
    const held = new Set<string>()
    let total = 0
    for (const one of queue) {
      const heavy = weight?.(one.item) ?? 0
      const fits = batch.length < most && (batch.length === 0 || total + heavy <= HEAVIEST)
      if (fits && !one.about.some((name) => busy.has(name) || held.has(name))) {
        batch.push(one)
        total += heavy
        for (const name of one.about) busy.add(name)
      } else {
        staying.push(one)
        for (const name of one.about) held.add(name)
      }
    }
    queue = staying
    return batch
  }

  function start(): void {
    while (running < inFlight) {
      const batch = take()
      if (batch.length === 0) return
      running += 1
      void finish(batch)
    }
  }

  async function finish(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const again = await perform(batch)
    running -= 1
    for (const one of batch) for (const name of one.about) busy.delete(name)
    queue = [...again, ...queue]
    schedule()
  }

  /** Answers with those that must come again. */
  async function perform(batch: readonly Waiting<Item, Result>[]): Promise<readonly Waiting<Item, Result>[]> {
    let settled: readonly Settled<Result>[]
    try {
      settled = await run(batch.map(({ item }) => item))
    } catch (error) {
      if (batch.length > 1 && isOnesFault(error)) {
        const again: Waiting<Item, Result>[] = []
        for (const one of batch) again.push(...(await perform([one])))
        return again
      }
      settled = batch.map(() => ({ type: 'failed', error }))
    }
    return batch.filter((one, index) => !settle(one, settled[index]))
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, about: about?.(item) ?? [], resolve, reject, tries: 0 })
      schedule()
    })
}

function settle<Item, Result>(one: Waiting<Item, Result>, settled: Settled<Result> | undefined): boolean {
  if (settled?.type === 'done') one.resolve(settled.value)
  else if (settled?.type === 'failed') one.reject(settled.error)
  else {
    one.tries += 1
    if (one.tries < MOST_TRIES) return false
    one.reject(new Error('the store could not tell what became of it'))
  }
  return true
}

/** Every item is done, with this value. */
export function allDone<Result>(values: readonly Result[]): readonly Settled<Result>[] {
  return values.map((value) => ({ type: 'done', value }))
}
