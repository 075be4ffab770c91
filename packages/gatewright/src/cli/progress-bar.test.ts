import { expect, test } from 'vitest'
import { ProgressBar, progressLine } from './progress-bar'

const half = { bytes: 500, totalBytes: 1_000, entries: 60_000 }

test('says how much, how fast and how long', () => {
  expect(progressLine(half, 2_000, null)).toBe(
    'verifying ████████████░░░░░░░░░░░░  50 %  60,000 entries  30,000/s  2 s left',
  )
  expect(progressLine({ ...half, bytes: 10 }, 90_000, null)).toContain('2 h 28 min left')
  expect(progressLine({ ...half, bytes: 100 }, 20_000, null)).toContain('3 min 0 s left')
  expect(progressLine({ ...half, bytes: 0 }, 2_000, null)).toContain('  0 %')
  expect(progressLine({ ...half, bytes: 1_000 }, 2_000, null)).toMatch(/100 %.*finishing$/)
  expect(progressLine({ bytes: 0, totalBytes: 0, entries: 0 }, 2_000, null)).toContain('100 %')
})

test('never wraps', () => {
  for (const columns of [0, 1, 20, 60])
    expect(progressLine(half, 2_000, columns).length).toBeLessThan(columns + 1)
})

test('appears after a second, changes ten times a second at most, and goes', () => {
  const shown: (string | null)[] = []
  let now = 5_000
  const bar = new ProgressBar({ out() {}, err() {}, progress: (text) => void shown.push(text) }, () => now)
  bar.update(half)
  now += 999
  bar.update(half)
  expect(shown).toEqual([])
  now += 1
  bar.update(half)
  now += 99
  bar.update(half)
  expect(shown).toHaveLength(1)
  now += 1
  bar.update({ ...half, bytes: 600 })
  bar.done()
  expect(shown).toHaveLength(3)
  expect(shown[1]).toContain(' 60 %')
  expect(shown[2]).toBeNull()
})
