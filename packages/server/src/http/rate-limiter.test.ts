import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRateLimiter } from './rate-limiter'

test('lets as many through as it says, and says when to come again', () => {
  let now = 0
  const limiter = createRateLimiter(2, 1_000, () => now)
  expect([limiter.hit('a'), limiter.hit('a')]).toEqual([0, 0])
  // Both count by half in the middle of the next window.
  expect(limiter.hit('a')).toBe(1_500)
  expect(limiter.hit('b')).toBe(0)
  now = 1_499
  expect(limiter.hit('a')).toBe(1)
  now = 1_500
  expect(limiter.hit('a')).toBe(0)
})

test('whoever waits as long as it says goes ahead, and not a millisecond earlier', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 60 })
  let waited = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), pauses, (max, steps) => {
      let now = 0
      const limiter = createRateLimiter(max, 1_000, () => now)
      for (const step of steps) {
        now += step
        const waitMs = limiter.hit('a')
        if (waitMs === 0) continue
        waited += 1
        now += waitMs - 1
        expect(limiter.hit('a')).toBe(1)
        now += 1
        expect(limiter.hit('a')).toBe(0)
      }
    }),
  )
  expect(waited).toBeGreaterThan(0)
})

test('in no window of that length do more than twice as many pass, and never more within an aligned one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (pauses) => {
      let now = 0
      const limiter = createRateLimiter(5, 1_000, () => now)
      const passed: number[] = []
      for (const pause of pauses) {
        now += pause
        if (limiter.hit('a') === 0) passed.push(now)
      }
      for (const start of passed) {
        expect(passed.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(10)
        const aligned = Math.floor(start / 1_000)
        expect(passed.filter((at) => Math.floor(at / 1_000) === aligned).length).toBeLessThanOrEqual(5)
      }
    }),
  )
})

test('remembers a bounded number of names', () => {
  const limiter = createRateLimiter(1, 1_000, () => 0)
  limiter.hit('first')
  for (let name = 0; name < 10_001; name += 1) limiter.hit(`name ${name}`)
  expect(limiter.hit('first')).toBe(0)
})
