import { randomFillSync } from 'node:crypto'
import { monotonicFactory } from 'ulid'

/** Makes ids: give it the clock's time, in milliseconds since the epoch. */
export type IdSource = (now: number) => string

/**
 * A source of ULIDs (https://github.com/ulid/spec): 26 characters, sorted by the time they were made for. One source never
 * gives the same id twice and never an id that sorts before its last one, even when the clock jumps back.
 *
 * @param options.random - numbers from 0 (included) to 1 (excluded); the same numbers give the same ids. @default cryptographic
 */
export function createIdSource(options: { readonly random?: () => number } = {}): IdSource {
  const next = monotonicFactory(options.random ?? pooledRandom)
  // For a time of 0, ulid would look at the system's clock: then a simulation could not be replayed.
  return (now) => next(Math.max(1, Math.floor(now)))
}

const pool = new Uint32Array(1_024)
let drawn = pool.length

/** Cryptographic randomness, drawn in bulk: asking the system for each number costs more than the rest of an id. */
function pooledRandom(): number {
  if (drawn === pool.length) {
    randomFillSync(pool)
    drawn = 0
  }
  const number = pool[drawn] ?? 0
  drawn += 1
  return number / 2 ** 32
}

const fromSystem = createIdSource()

/**
 * An id from this process's own source. Whatever must be replayed has a source of its own: {@link createIdSource}.
 *
 * @param now - milliseconds since the epoch. @default the system's time
 */
export function newId(now: number = Date.now()): string {
  return fromSystem(now)
}
