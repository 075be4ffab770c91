import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { allDone, createLane, type LaneOptions } from './lane'

/** A lane whose batches end when the test says so. */
function heldLane(options: Partial<LaneOptions<string, string>> = {}) {
  const batches: { items: readonly string[]; end: () => void; fail: (error: unknown) => void }[] = []
  const lane = createLane<string, string>({
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, end: () => resolve(allDone(items)), fail: reject })
      }),
    ...options,
  })
  return { lane, batches }
}

describe('a lane', () => {
  test('gathers what one turn asks for, and what comes while batches are under way', async () => {
    const { lane, batches } = heldLane({ inFlight: 1 })
    const first = ['a', 'b', 'c'].map(lane)
    await nextTurn()
    const second = ['d', 'e'].map(lane)
    await nextTurn()
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b', 'c']])
    batches[0]?.end()
    expect(await Promise.all(first)).toEqual(['a', 'b', 'c'])
    await nextTurn()
    expect(batches[1]?.items).toEqual(['d', 'e'])
    batches[1]?.end()
    expect(await Promise.all(second)).toEqual(['d', 'e'])
  })

  test('never has two items about one thing under way, and keeps them in order', async () => {
    const { lane, batches } = heldLane({ inFlight: 9, about: (item) => [item.slice(0, 1)] })
    const asked = ['a1', 'a2', 'b1', 'a3'].map(lane)
    await nextTurn()
    expect(batches.map(({ items }) => items)).toEqual([['a1', 'b1']])
    batches[0]?.end()
    for (const turn of [1, 2]) {
      await nextTurn()
      await nextTurn()
      expect(batches[turn]?.items).toEqual([`a${turn + 1}`])
      batches[turn]?.end()
    }
    expect(await Promise.all(asked)).toEqual(['a1', 'a2', 'b1', 'a3'])
  })

  test('makes no batch that is too many, or too heavy, but takes what is heavy by itself', async () => {
    const many = heldLane({ most: 2, inFlight: 9 })
    void ['a', 'b', 'c'].map(many.lane)
    const heavy = heldLane({ inFlight: 9, weight: (item) => (item === 'a' ? 9_000_000 : 3_000_000) })
    void ['a', 'b', 'c'].map(heavy.lane)
    await nextTurn()
    expect(many.batches.map(({ items }) => items)).toEqual([['a', 'b'], ['c']])
    expect(heavy.batches.map(({ items }) => items)).toEqual([['a'], ['b'], ['c']])
  })

  test('a failure that may be the fault of one is each one’s own; any other is everybody’s', async () => {
    const lane = createLane<string, string>({
      isOnesFault: (error) => error instanceof RangeError,
      run: async (items) => {
        if (items.includes('bad')) throw new RangeError('bad')
        if (items.includes('gone')) throw new Error('gone')
        return allDone(items)
      },
    })
    const ends = await Promise.allSettled(['a', 'bad', 'b'].map(lane))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const all = await Promise.allSettled(['a', 'gone', 'b'].map(lane))
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await lane('c'), 'it goes on').toBe('c')
  })

  test('what is not known yet comes again, and not for ever', async () => {
    let asked = 0
    const lane = createLane<string, string>({
      run: async (items) => {
        asked += 1
        return items.map((item) =>
          item === 'never' || asked < 3 ? { type: 'again' } : { type: 'done', value: item },
        )
      },
    })
    expect(await lane('a')).toBe('a')
    expect(asked).toBe(3)
    await expect(lane('never')).rejects.toThrow('could not tell')
  })
})
