/** A seeded source of choices: the same seed gives the same choices, on every machine. */
export interface Rng {
  /** A number from 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  /** True with this probability. Always draws, so that a changed probability moves nothing else. */
  chance(probability: number): boolean
  /** One of a non-empty list. @throws RangeError for an empty one */
  pick<T>(list: readonly T[]): T
  /** One of the names, by weight. Weights are not negative; at least one is above 0. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
}

/**
 * Makes a source of choices: the generator sfc32 (PractRand, Chris Doty-Humphrey), seeded through splitmix32.
 *
 * @param seed - any whole number
 */
export function createRng(seed: number): Rng {
  let state = seed | 0
  const mix = (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  // The first numbers of small seeds look alike.
  for (let round = 0; round < 12; round += 1) next()

  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('there is nothing to pick from')
      return list[Math.floor(next() * list.length)] as T
    },
    weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
      const entries = Object.entries(weights) as [Name, number][]
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) {
        left -= weight
        if (left < 0) return name
      }
      throw new RangeError('no weight is above 0')
    },
  }
}
