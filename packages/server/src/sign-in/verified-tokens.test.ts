import { afterEach, expect, test, vi } from 'vitest'
import { ada } from '../../test/world'
import { createVerifiedTokens } from './verified-tokens'

afterEach(() => void vi.useRealTimers())

const inAnHour = () => Date.now() / 1_000 + 3_600

test('a verified token is known for a minute, and no other one', () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
  const tokens = createVerifiedTokens(60)
  tokens.remember('token', ada, inAnHour())
  expect(tokens.recall('token')).toBe(ada)
  expect(tokens.recall('token.')).toBeNull()
  vi.advanceTimersByTime(59_999)
  expect(tokens.recall('token')).toBe(ada)
  vi.advanceTimersByTime(1)
  expect(tokens.recall('token')).toBeNull()
})

test('never after it expired', () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
  const tokens = createVerifiedTokens(10)
  tokens.remember('token', ada, Date.now() / 1_000 + 5)
  vi.advanceTimersByTime(14_999)
  expect(tokens.recall('token')).toBe(ada)
  vi.advanceTimersByTime(1)
  expect(tokens.recall('token')).toBeNull()
})

test('a bounded number is known', () => {
  const tokens = createVerifiedTokens(60)
  for (let token = 0; token <= 1_000; token += 1) tokens.remember(`${token}`, ada, inAnHour())
  expect(tokens.recall('0')).toBeNull()
  expect(tokens.recall('1000')).toBe(ada)
})
