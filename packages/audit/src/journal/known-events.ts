import { HASH_BYTES } from '../merkle'
import { SubjectTable } from './subject-table'

/** How many of the newest events are known by id and hash. */
const RECENT = 16_384
/** For how many hashes there is room at first. */
const FIRST_HASHES = 64

/** What is known of an event without looking into the log. */
export type Knowledge =
  | { readonly status: 'new' }
  /** It stands in the log with this leaf hash, which is to be compared at once. */
  | { readonly status: 'held'; readonly hash: Uint8Array }
  /** It may stand in the log, at this index or after it. */
  | { readonly status: 'unsure'; readonly from: number }

const NEW: Knowledge = { status: 'new' }

/**
 * Which events a log holds, so that none is written twice. Exact for the newest 16,384; of older ones it knows each
 * subject's highest number, and says where to look when that does not decide. Memory: 16 bytes a subject, and about
 * 4 MB.
 */
export class KnownEvents {
  readonly #subjects = new SubjectTable()
  /** In which slot of the ring an event stands. Made when it is first asked for: a log is read whole before. */
  #recent: Map<string, number> | null = null
  readonly #ring: string[] = []
  /** Copies: a hash may lie in a larger piece of memory, and would keep all of it. */
  #hashes = Buffer.allocUnsafeSlow(FIRST_HASHES * HASH_BYTES)
  #next = 0

  /** What is known of the event `seq` of `subject`. */
  look(id: string, subject: string, seq: number): Knowledge {
    const slot = this.#slots().get(id)
    if (slot !== undefined) {
      const hash = this.#hashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES)
      return { status: 'held', hash }
    }
    const from = this.#subjects.mayHoldFrom(subject, seq)
    if (from === null || from >= this.#next - this.#ring.length) return NEW
    return { status: 'unsure', from }
  }

  /** Notes the next entry of the log. */
  add(id: string, subject: string, seq: number, hash: Uint8Array): void {
    const slot = this.#next % RECENT
    if (this.#recent !== null) {
      const forgotten = this.#ring[slot]
      if (forgotten !== undefined) this.#recent.delete(forgotten)
      this.#recent.set(id, slot)
    }
    this.#ring[slot] = id
    if (this.#hashes.length < (slot + 1) * HASH_BYTES) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#hashes.length)
      this.#hashes.copy(larger)
      this.#hashes = larger
    }
    this.#hashes.set(hash, slot * HASH_BYTES)
    this.#subjects.note(subject, seq, this.#next)
    this.#next += 1
  }

  #slots(): Map<string, number> {
    this.#recent ??= new Map(this.#ring.map((id, slot) => [id, slot]))
    return this.#recent
  }

  /** Bytes that grow with the log. */
  get bytes(): number {
    return this.#subjects.bytes
  }
}
