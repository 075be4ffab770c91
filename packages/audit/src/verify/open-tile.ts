import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { TILE_WIDTH } from '../merkle'

const FIRST_BYTES = 8_192

/** The rightmost tile, or bundle, of a level, as it fills up: its bytes, laid out as its file has them. */
export class OpenTile {
  /** Which of its level it is, from 0. */
  index = 0
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  /** Where each part ends. */
  readonly #ends: number[] = []

  /** How many parts it has. */
  get width(): number {
    return this.#ends.length
  }

  /** Whether it has all of its parts. */
  get isFull(): boolean {
    return this.#ends.length === TILE_WIDTH
  }

  addHash(hash: Uint8Array): void {
    this.#add(hash, 0)
  }

  addEntry(entry: Uint8Array): void {
    const at = this.#add(entry, 2)
    // One that is too long for it is no entry, and is told of elsewhere.
    this.#bytes.writeUInt16BE(entry.length & 0xffff, at)
  }

  /** Its bytes when it had so many parts: a view, to be used before it changes. */
  bytesAt(width: number): Buffer {
    return this.#bytes.subarray(0, this.#ends[width - 1] ?? 0)
  }

  /** Begins the next tile. */
  next(): void {
    this.index += 1
    this.#ends.length = 0
  }

  #add(part: Uint8Array, prefix: number): number {
    const at = this.#ends.at(-1) ?? 0
    const end = at + prefix + part.length
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * end)
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    this.#bytes.set(part, at + prefix)
    this.#ends.push(end)
    return at
  }
}

/** For comparing: what a file holds is not kept. */
let scratch = Buffer.allocUnsafeSlow(FIRST_BYTES)

/**
 * Where a file differs from what it must hold.
 *
 * @returns `-1` when it does not; `null` when there is no such file, or it cannot be read
 */
export function differenceAt(path: string, expected: Uint8Array): number | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    const { size } = fstatSync(file)
    if (size === expected.length && isReadAs(file, expected)) return -1
    return firstDifference(readFileSync(path), expected)
  } catch {
    return null
  } finally {
    closeSync(file)
  }
}

function isReadAs(file: number, expected: Uint8Array): boolean {
  if (scratch.length < expected.length) scratch = Buffer.allocUnsafeSlow(2 * expected.length)
  const got = readSync(file, scratch, 0, expected.length, 0)
  return scratch.subarray(0, got).equals(expected)
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at === one.length && at === other.length ? -1 : at
}
