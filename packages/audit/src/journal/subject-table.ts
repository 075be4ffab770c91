import { randomBytes } from 'node:crypto'

const LEAST_SLOTS = 1_024
const FULL = 0.85
const GROWTH = 1.5
const WORDS = 4

/**
 * For each subject of a log, its highest number and its first index: 16 bytes a subject, in a table that is 57 to 85 %
 * full. Subjects are told apart by 63 bits of a keyed hash. Two that share them share a mark that serves both: whoever
 * asks then looks into the log, and finds the truth there, only later.
 */
export class SubjectTable {
  #slots = LEAST_SLOTS
  /** Of each slot: two words of hash (never both 0), `highest`, `first`. */
  #words = new Uint32Array(LEAST_SLOTS * WORDS)
  #size = 0
  readonly #seed = randomBytes(8)
  readonly #seedOne = this.#seed.readUInt32LE(0)
  readonly #seedTwo = this.#seed.readUInt32LE(4)

  /** How many subjects there are. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.#words.byteLength
  }

  /**
   * From which index on the event `seq` of a subject may stand in the log; `null` when it certainly does not.
   */
  mayHoldFrom(subject: string, seq: number): number | null {
    const at = this.#find(hashOne(subject, this.#seedOne), hashTwo(subject, this.#seedTwo))
    if (this.#words[at + 1] === 0 || clamp(seq) > (this.#words[at + 2] as number)) return null
    return this.#words[at + 3] as number
  }

  /** Notes that the event `seq` of a subject stands at `index`. */
  note(subject: string, seq: number, index: number): void {
    const one = hashOne(subject, this.#seedOne)
    const two = hashTwo(subject, this.#seedTwo)
    let at = this.#find(one, two)
    if (this.#words[at + 1] === 0) {
      if (this.#size + 1 > this.#slots * FULL) {
        this.#grow()
        at = this.#find(one, two)
      }
      this.#words[at] = one
      this.#words[at + 1] = two
      this.#words[at + 3] = clamp(index)
      this.#size += 1
    }
    this.#words[at + 2] = Math.max(this.#words[at + 2] as number, clamp(seq))
  }

  /** Where the hash stands, or the free slot where it would. */
  #find(one: number, two: number): number {
    let slot = Math.floor((one / 2 ** 32) * this.#slots)
    for (;;) {
      const at = slot * WORDS
      const found = this.#words[at + 1]
      if (found === 0 || (found === two && this.#words[at] === one)) return at
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
  }

  #grow(): void {
    const old = this.#words
    this.#slots = Math.ceil(this.#slots * GROWTH)
    this.#words = new Uint32Array(this.#slots * WORDS)
    for (let at = 0; at < old.length; at += WORDS) {
      const two = old[at + 1] as number
      if (two === 0) continue
      const to = this.#find(old[at] as number, two)
      this.#words.set(old.subarray(at, at + WORDS), to)
    }
  }
}

/** Beyond 32 bits the mark stays at the bound: an index too low, and a number that then is looked for in the log. */
function clamp(value: number): number {
  return Math.min(value, 2 ** 32 - 1)
}

/** 32 bits, keyed. FNV-1a over UTF-16 units with a final mix: spreads, and decides nothing. */
function hash(text: string, seed: number, prime: number): number {
  let state = seed
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), prime)
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}

const hashOne = (text: string, seed: number): number => hash(text, seed, 0x01000193)

/** Never 0, which marks a free slot. */
const hashTwo = (text: string, seed: number): number => (hash(text, seed, 0x9e3779b1) | 1) >>> 0
