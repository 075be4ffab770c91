import { randomBytes } from 'node:crypto'

const PARTS = 256
const FIRST_SLOTS = 64
const FULLEST = 0.8
const GROWTH = 1.5

/** One part of the table: 40 bits of each subject's fingerprint. Zero is an empty slot. */
interface Part {
  low: Uint32Array
  high: Uint8Array
  used: number
}

/**
 * A set of subjects that were seen, in 6 to 10 bytes each. It may say yes to a subject that it never saw (one in
 * 280,000,000,000,000 for each that it holds): whoever asks has to look again then. It never says no to one that it saw.
 */
export class SubjectSet {
  /** Made when a subject belongs to them. */
  readonly #parts: (Part | undefined)[] = new Array(PARTS)
  // Nobody can prepare subjects that fall together.
  readonly #seeds = new Uint32Array(new Uint8Array(randomBytes(8)).buffer)
  #low = 0
  #high = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a subject. Answers whether it was new. */
  add(subject: string): boolean {
    const part = this.#find(subject)
    if (contains(part, this.#low, this.#high)) return false
    if (part.used + 1 > part.low.length * FULLEST) grow(part)
    insert(part, this.#low, this.#high)
    this.#size += 1
    return true
  }

  has(subject: string): boolean {
    return contains(this.#find(subject), this.#low, this.#high)
  }

  /** Sets the fingerprint, and answers with the part it belongs to. */
  #find(subject: string): Part {
    let a = this.#seeds[0] as number
    let b = this.#seeds[1] as number
    for (let index = 0; index < subject.length; index += 1) {
      const unit = subject.charCodeAt(index)
      a = Math.imul(a ^ unit, 0x85ebca6b)
      a = (a << 13) | (a >>> 19)
      b = Math.imul(b ^ (unit + index), 0xc2b2ae35)
      b = (b << 15) | (b >>> 17)
    }
    a = mix(a ^ subject.length)
    b = mix(b + a)
    this.#low = a >>> 0
    this.#high = (b >>> 8) & 0xff
    if (this.#low === 0 && this.#high === 0) this.#low = 1
    const at = b & (PARTS - 1)
    let part = this.#parts[at]
    if (part === undefined) {
      part = emptyPart(FIRST_SLOTS)
      this.#parts[at] = part
    }
    return part
  }
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function emptyPart(slots: number): Part {
  return { low: new Uint32Array(slots), high: new Uint8Array(slots), used: 0 }
}

function contains({ low, high }: Part, wantedLow: number, wantedHigh: number): boolean {
  const slots = low.length
  for (let at = wantedLow % slots; ; at = at + 1 === slots ? 0 : at + 1) {
    if (low[at] === wantedLow && high[at] === wantedHigh) return true
    if (low[at] === 0 && high[at] === 0) return false
  }
}

function insert(part: Part, low: number, high: number): void {
  const slots = part.low.length
  let at = low % slots
  while (part.low[at] !== 0 || part.high[at] !== 0) at = at + 1 === slots ? 0 : at + 1
  part.low[at] = low
  part.high[at] = high
  part.used += 1
}

/** Each part grows on its own, so that growing never holds two whole tables. */
function grow(part: Part): void {
  const { low, high } = part
  const larger = emptyPart(Math.ceil(low.length * GROWTH))
  for (let at = 0; at < low.length; at += 1) {
    const [one, other] = [low[at] as number, high[at] as number]
    if (one !== 0 || other !== 0) insert(larger, one, other)
  }
  Object.assign(part, larger)
}
