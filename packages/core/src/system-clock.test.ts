import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from './system-clock'

const LONGEST_MS = 2_147_483_647

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the system clock', () => {
  test('tells the computer’s time', () => {
    vi.setSystemTime(1_234_567)
    expect(systemClock.now()).toBe(1_234_567)
  })

  test('fires once, no earlier than asked', () => {
    const fire = vi.fn()
    systemClock.setTimer(1_000, fire)
    vi.advanceTimersByTime(999)
    expect(fire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    vi.advanceTimersByTime(100_000)
    expect(fire).toHaveBeenCalledTimes(1)
  })

  test('a fraction of a millisecond is waited for, not cut off', () => {
    const fire = vi.fn()
    systemClock.setTimer(1.5, fire)
    vi.advanceTimersByTime(1)
    expect(fire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(fire).toHaveBeenCalledTimes(1)
  })

  test.each([0, -5, Number.NEGATIVE_INFINITY])('%d ms is as soon as possible, and never at once', (ms) => {
    const fire = vi.fn()
    systemClock.setTimer(ms, fire)
    expect(fire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(fire).toHaveBeenCalledTimes(1)
  })

  test('waits longer than setTimeout can', () => {
    const fire = vi.fn()
    systemClock.setTimer(2.5 * LONGEST_MS, fire)
    vi.advanceTimersByTime(2.5 * LONGEST_MS - 1)
    expect(fire).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2)
    expect(fire).toHaveBeenCalledTimes(1)
  })

  test('a timer that was cancelled never fires, in no part of a long delay', () => {
    const fire = vi.fn()
    systemClock.setTimer(1_000, fire).cancel()
    const long = systemClock.setTimer(2 * LONGEST_MS, fire)
    vi.advanceTimersByTime(1.5 * LONGEST_MS)
    long.cancel()
    long.cancel()
    vi.advanceTimersByTime(LONGEST_MS)
    expect(fire).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('cancelling after it fired does nothing', () => {
    const fire = vi.fn()
    const timer = systemClock.setTimer(10, fire)
    vi.advanceTimersByTime(10)
    timer.cancel()
    timer.keepAlive?.(true)
    vi.advanceTimersByTime(10)
    expect(fire).toHaveBeenCalledTimes(1)
  })
})

describe('whether a timer keeps the process alive', () => {
  beforeEach(() => {
    vi.useRealTimers()
  })

  /** Timers that keep the process alive right now. */
  const alive = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

  test('it does, unless it is in the background', () => {
    const before = alive()
    const timer = systemClock.setTimer(60_000, () => {})
    expect(alive()).toBe(before + 1)
    const background = systemClock.setTimer(60_000, () => {}, { background: true })
    expect(alive()).toBe(before + 1)
    timer.cancel()
    background.cancel()
    expect(alive()).toBe(before)
  })

  test('can be changed while it runs', () => {
    const before = alive()
    const timer = systemClock.setTimer(60_000, () => {}, { background: true })
    timer.keepAlive?.(true)
    expect(alive()).toBe(before + 1)
    timer.keepAlive?.(false)
    expect(alive()).toBe(before)
    timer.cancel()
  })
})
