import type { Segment } from './segments'

const STEP = 256

/** A place to begin reading at. */
export interface EntryPlace {
  readonly segment: Segment
  /** Where the frame of the entry `index` begins. */
  readonly offset: number
  readonly index: number
}

/** Where in the journal entries stand: every 256th, and the first of each segment. Under a tenth of a byte an entry. */
export class EntryOffsets {
  readonly #places: EntryPlace[] = []

  /** Notes where the next entry stands. */
  note(index: number, segment: Segment, offset: number): void {
    if (index % STEP === 0 || this.#places.at(-1)?.segment !== segment) {
      this.#places.push({ segment, offset, index })
    }
  }

  /** The last known place that is not after `index`; `null` for an empty log. */
  before(index: number): EntryPlace | null {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle]?.index ?? 0) <= index) low = middle + 1
      else high = middle
    }
    return this.#places[low - 1] ?? null
  }
}
