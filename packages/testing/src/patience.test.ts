import { afterEach, expect, test, vi } from 'vitest'
import { startPatience } from './patience'

afterEach(() => void vi.useRealTimers())

test('patience ends after its time, and a machine that stalls takes next to none of it', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const isOver = startPatience(200)
  const after = (ms: number) => {
    vi.advanceTimersByTime(ms)
    return isOver()
  }
  expect([after(60_000), after(40), after(40), after(40), after(29)]).toEqual(Array(5).fill(false))
  expect(after(1)).toBe(true)
})
