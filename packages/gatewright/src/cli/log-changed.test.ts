import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logChanged } from './log-changed'

const place = mkdtempSync(join(tmpdir(), 'gatewright-changed-'))
const quiet = join(place, 'quiet')
for (const directory of [place, quiet]) mkdirSync(join(directory, 'journal'), { recursive: true })
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())
afterAll(() => rmSync(place, { recursive: true, force: true }))
const never = new AbortController().signal

test('a write to the journal wakes at once', async () => {
  const changed = logChanged(place, never)
  appendFileSync(join(place, 'journal', 'segment'), 'x')
  // Time stands still: nothing but the watch can end it.
  await changed
  expect(vi.getTimerCount()).toBe(0)
})

test('without one, or where nothing can be watched, a second is enough', async () => {
  for (const directory of [quiet, join(place, 'nowhere')]) {
    let woken = false
    const changed = logChanged(directory, never).then(() => {
      woken = true
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(woken).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await changed
  }
})

test('whoever is interrupted does not wait', async () => {
  const stop = new AbortController()
  const changed = logChanged(place, stop.signal)
  stop.abort()
  await changed
  await logChanged(place, stop.signal)
  expect(vi.getTimerCount()).toBe(0)
})
