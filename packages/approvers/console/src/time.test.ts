import { describe, expect, it } from 'vitest'
import { formatAgo, formatLeft } from './time'

describe('formatLeft', () => {
  it.each([
    [-5, '0s'],
    [1, '1s'],
    [59_000, '59s'],
    [60_000, '1:00'],
    [29 * 60_000 + 41_000, '29:41'],
    [3 * 3_600_000 + 5 * 60_000, '3h 05m'],
    [52 * 3_600_000, '2d 4h'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatLeft(ms)).toBe(text)
  })
})

describe('formatAgo', () => {
  it.each([
    [5_000, 'just now'],
    [4 * 60_000, '4 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [12 * 86_400_000, '12 days ago'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatAgo(ms)).toBe(text)
  })
})
