import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { parseRetryAfter, pause, pauseMs } from './retry'

const plan = { attempts: 9, firstPauseMs: 1_000, longestPauseMs: 30_000 }
const now = Date.UTC(2026, 0, 1)

describe('the pause', () => {
  test('doubles up to its bound, and half of it is chance', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failed) => pauseMs(plan, failed, null, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ])
    expect([1, 2, 6].map((failed) => pauseMs(plan, failed, null, 0))).toEqual([500, 1_000, 15_000])
  })

  test('is as long as the receiver asks, and no longer than its bound', () => {
    expect(pauseMs(plan, 1, 7_000, 0)).toBe(7_000)
    expect(pauseMs(plan, 1, 10, 0)).toBe(500)
    expect(pauseMs(plan, 1, Number.POSITIVE_INFINITY, 0)).toBe(30_000)
  })

  test('ends with the signal, and leaves no timer', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const paused = pause(clock, 1_000, controller.signal)
    controller.abort()
    await paused
    await pause(clock, 1_000, controller.signal)
    expect(clock.pendingTimers).toBe(0)
  })
})

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['9'.repeat(400), Number.POSITIVE_INFINITY],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['2027', 2_027_000],
  ['2026-01-01', null],
  ['', null],
  [undefined, null],
  [['1', '2'], null],
])('Retry-After %j asks for %j ms', (value, ms) => {
  expect(parseRetryAfter(value, now)).toBe(ms)
})
