import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { logChanged } from './log-changed'

const place = mkdtempSync(join(tmpdir(), 'gatewright-changed-'))
const quiet = join(place, 'quiet')
for (const directory of [place, quiet]) mkdirSync(join(directory, 'journal'), { recursive: true })
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.restoreAllMocks().useRealTimers())
afterAll(() => rmSync(place, { recursive: true, force: true }))
const never = new AbortController().signal

/** The polls that were begun and ended; files before this one may have left other timers. */
function polls() {
  const set = vi.spyOn(globalThis, 'setTimeout')
  const clear = vi.spyOn(globalThis, 'clearTimeout')
  return {
    begun: () =>
      set.mock.results.flatMap(({ value }, at) => (set.mock.calls[at]?.[1] === 1_000 ? [value] : [])),
    ended: () => clear.mock.calls.map(([timer]) => timer),
  }
}

test('a write to the journal wakes at once', async () => {
  const { begun, ended } = polls()
  const changed = logChanged(place, never)
  appendFileSync(join(place, 'journal', 'segment'), 'x')
  // Time stands still: nothing but the watch can end it.
  await changed
  expect(begun()).toHaveLength(1)
  expect(ended()).toContain(begun()[0])
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
  const { begun, ended } = polls()
  const changed = logChanged(place, stop.signal)
  stop.abort()
  await changed
  expect(ended()).toContain(begun()[0])
  await logChanged(place, stop.signal)
  expect(begun()).toHaveLength(1)
})
