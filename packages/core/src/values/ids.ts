import { randomFillSync } from 'node:crypto'

/** Makes ids: give it the clock's time, in milliseconds since the epoch. */
export type IdSource = (now: number) => string

/** Crockford's base 32: no I, L, O or U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 16
/** The last millisecond that a ULID can say, in the year 10889. */
const LAST_TIME = 2 ** 48 - 1

/**
 * A source of ULIDs (https://github.com/ulid/spec): 26 characters, sorted by the time they were made for. One source never
 * gives the same id twice and never an id that sorts before its last one, even when the clock jumps back.
 *
 * @param options.random - numbers from 0 (included) to 1 (excluded); the same numbers give the same ids. @default cryptographic
 * @returns a function that throws a `RangeError` for a time that is none, so that no id lies about when it was made
 */
export function createIdSource(options: { readonly random?: () => number } = {}): IdSource {
  const { random = pooledRandom } = options
  const digits = new Array<number>(RANDOM_DIGITS).fill(0)
  let time = 0
  let timeText = ''

  function moveTo(now: number): void {
    time = now
    timeText = ''
    for (let index = 0, rest = now; index < TIME_DIGITS; index += 1, rest = Math.floor(rest / 32))
      timeText = `${DIGITS[rest % 32]}${timeText}`
    for (let index = RANDOM_DIGITS; index > 0; index -= 1) digits[index - 1] = (random() * 32) & 31
  }

  /** Counts up within a millisecond. After the last of 2^80 ids, the next millisecond is used. */
  function countUp(): void {
    for (let index = RANDOM_DIGITS - 1; index >= 0; index -= 1) {
      digits[index] = ((digits[index] ?? 0) + 1) % 32
      if (digits[index] !== 0) return
    }
    moveTo(time + 1)
  }

  return (now) => {
    const wanted = Math.max(1, Math.floor(now))
    if (!(wanted <= LAST_TIME)) throw new RangeError(`the clock gave ${now}, which no id can be made for`)
    if (wanted > time) moveTo(wanted)
    else countUp()
    let text = timeText
    for (const digit of digits) text += DIGITS[digit]
    return text
  }
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
