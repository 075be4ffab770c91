import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import {
  type BrokenFrame,
  decodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameType,
  isBroken,
} from '../journal/frame'

const FIRST_BYTES = 256 * 1_024

/** An entry in its frame. */
export interface FramedEntry {
  /** A view of the window, to be used before the window reads on. */
  readonly payload: Buffer
  /** Where its frame begins in the file. */
  readonly offset: number
}

/**
 * The frames of a file, read one after the other, in a window that keeps what was read until it is let go: so the entries
 * of a batch can be hashed first and, once their checkpoint was judged, be read again one by one. What is kept is bytes,
 * which take a fraction of the memory that events do.
 */
export class FrameWindow {
  readonly #file: number
  #bytes: Buffer
  /** The bytes that were read. */
  #held: Buffer
  /** Where in the file the window begins. */
  #base = 0
  /** What lies before is let go; what lies before `#marked` is about to be; `#next` is where the next frame begins. */
  #kept = 0
  #marked = 0
  #next = 0
  #ended = false

  /** Opens a file, at its beginning. To be closed. */
  constructor(path: string) {
    this.#file = openSync(path, 'r')
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, fstatSync(this.#file).size + 1))
    this.#held = this.#bytes.subarray(0, 0)
  }

  /** How many bytes are kept. */
  get keptBytes(): number {
    return this.#next - this.#kept
  }

  /** The next frame, or bytes that are none; `more`: to be called again after {@link more}; `end`: there is none. */
  next(): Frame | BrokenFrame | 'more' | 'end' {
    if (this.#next === this.#held.length) return this.#ended ? 'end' : 'more'
    const read = decodeFrame(this.#held, this.#next, this.#base)
    if (!isBroken(read)) this.#next = read.end - this.#base
    else if (!this.#ended && read.flaw.startsWith('short')) return 'more'
    return read
  }

  /**
   * Reads on. Views that were given out do not hold any more. Reads at once, since judging what is read takes far longer;
   * but lets the program do other things in between.
   *
   * @returns how many bytes were read
   */
  async more(): Promise<number> {
    if (this.#base + this.#held.length > 0 && this.#bytes.length >= FIRST_BYTES) await setImmediate()
    this.#makeRoom()
    const end = this.#held.length
    const bytesRead = readSync(this.#file, this.#bytes, end, this.#bytes.length - end, this.#base + end)
    this.#held = this.#bytes.subarray(0, end + bytesRead)
    if (bytesRead === 0) this.#ended = true
    return bytesRead
  }

  /** Marks what was read so far: as what {@link marked} gives, and {@link release} lets go. */
  mark(): void {
    this.#marked = this.#next
  }

  /** The kept entries up to the mark. */
  marked(): Generator<FramedEntry, void, void> {
    return this.#entries(this.#kept, this.#marked)
  }

  /** All kept entries. */
  kept(): Generator<FramedEntry, void, void> {
    return this.#entries(this.#kept, this.#next)
  }

  /** Lets go of what lies before the mark. */
  release(): void {
    this.#kept = this.#marked
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Checksums were compared when the frames were read first. */
  *#entries(from: number, to: number): Generator<FramedEntry, void, void> {
    const bytes = this.#held
    for (let at = from; at < to; ) {
      const start = at + FRAME_HEADER_BYTES
      const end = start + bytes.readUInt32LE(at)
      if (bytes[at + 8] === FrameType.entry)
        yield { payload: bytes.subarray(start, end), offset: this.#base + at }
      at = end
    }
  }

  #makeRoom(): void {
    const left = this.#held.length - this.#kept
    // At least as much room as what has to be moved: so that each byte is moved about once.
    const isSmall = left > this.#bytes.length / 2
    const bytes = isSmall ? Buffer.allocUnsafeSlow(this.#bytes.length * 2) : this.#bytes
    this.#held.copy(bytes, 0, this.#kept)
    this.#base += this.#kept
    this.#next -= this.#kept
    this.#marked -= this.#kept
    this.#kept = 0
    this.#bytes = bytes
    this.#held = bytes.subarray(0, left)
  }
}
