import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPace } from '../src/pace'
import type { WriteSigns } from '../src/write-watch'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A file whose writes a watch tells of, unless it is silent or cannot be had. */
function watchedFile({ awaited = true } = {}) {
  const open = new Set<WriteSigns>()
  const file = {
    looks: 0,
    opened: 0,
    unseen: false,
    silent: false,
    missing: false,
    seenAt: 0,
    awaited,
    get watched() {
      return open.size
    },
    /** What was saved can be seen only some ms after the file was written to. */
    commit(ms = 0) {
      if (!file.silent) for (const signs of [...open]) signs.written()
      setTimeout(() => {
        file.unseen = true
      }, ms)
    },
    fail() {
      for (const signs of [...open]) signs.failed()
    },
  }
  const pace = createPace({
    look() {
      file.looks += 1
      const found = file.unseen
      file.unseen = false
      if (found) file.seenAt = Date.now()
      return found
    },
    isAwaited: () => file.awaited,
    watch(signs) {
      file.opened += 1
      if (file.missing) throw new Error('ENOSPC: no space left on device, watch')
      open.add(signs)
      return { close: () => open.delete(signs) }
    },
  })
  const looksIn = (ms: number) => {
    const before = file.looks
    vi.advanceTimersByTime(ms)
    return file.looks - before
  }
  /** ms until a commit that can be seen at once is seen. */
  const delayOfCommit = () => {
    const before = Date.now()
    file.commit()
    vi.advanceTimersByTime(1_000)
    return file.seenAt - before
  }
  return { file, pace, looksIn, delayOfCommit }
}

test('looks twice a second while a watch tells of writes, and finds what was written within ms', () => {
  const { pace, looksIn, delayOfCommit } = watchedFile()
  pace.start()
  vi.advanceTimersByTime(1_000)
  expect(looksIn(10_000)).toBeLessThanOrEqual(20)
  for (let commit = 0; commit < 20; commit += 1) expect(delayOfCommit()).toBeLessThanOrEqual(1)
  vi.advanceTimersByTime(1_000)
  expect(looksIn(10_000)).toBeLessThanOrEqual(20)
})

test('a commit that is slow to appear is found within twice its time, and is not held against the watch', () => {
  const { file, pace, looksIn } = watchedFile()
  pace.start()
  for (const ms of [2, 10, 40, 90, 200, 400]) {
    vi.advanceTimersByTime(2_000)
    const before = Date.now()
    file.commit(ms)
    vi.advanceTimersByTime(3_000)
    expect(file.seenAt - before - ms).toBeLessThanOrEqual(ms + 1)
  }
  file.commit()
  vi.advanceTimersByTime(2_000)
  expect(file.watched).toBe(1)
  expect(looksIn(10_000)).toBeLessThanOrEqual(20)
})

test('a watch that was silent about a change is not relied on for five minutes, and then tried again', () => {
  const { file, pace, looksIn, delayOfCommit } = watchedFile()
  pace.start()
  vi.advanceTimersByTime(1_000)
  file.silent = true
  expect(delayOfCommit()).toBeLessThanOrEqual(512)
  expect(file.watched).toBe(0)
  for (let commit = 0; commit < 20; commit += 1) expect(delayOfCommit()).toBeLessThanOrEqual(32)
  expect(looksIn(1_000)).toBeGreaterThanOrEqual(30)
  file.silent = false
  vi.advanceTimersByTime(5 * 60_000)
  expect(file.watched).toBe(1)
  expect(delayOfCommit()).toBeLessThanOrEqual(1)
  expect(looksIn(10_000)).toBeLessThanOrEqual(25)
})

test('a sign that comes in the turn in which its change was found is not missing', () => {
  const { file, pace } = watchedFile()
  pace.start()
  vi.advanceTimersByTime(2_000)
  file.unseen = true
  file.silent = true
  while (file.unseen) vi.advanceTimersToNextTimer()
  // The loop was busy: the timer came first, and the sign lies in the system's queue.
  file.silent = false
  file.commit()
  vi.advanceTimersByTime(2_000)
  expect(file.watched).toBe(1)
})

test.each(['cannot be had', 'fails later'])('a watch that %s leaves looks that are soon enough', (how) => {
  const { file, pace, looksIn, delayOfCommit } = watchedFile()
  file.missing = how === 'cannot be had'
  pace.start()
  vi.advanceTimersByTime(1_000)
  file.fail()
  vi.advanceTimersByTime(100)
  const { opened } = file
  expect(file.watched).toBe(0)
  for (let commit = 0; commit < 20; commit += 1) expect(delayOfCommit()).toBeLessThanOrEqual(32)
  expect(looksIn(1_000)).toBeLessThanOrEqual(32)
  expect(file.opened).toBe(opened)
  file.missing = false
  vi.advanceTimersByTime(5 * 60_000)
  expect(file.watched).toBe(1)
})

test('nobody who waits is nobody to hurry for, with or without a watch', () => {
  const { file, pace, looksIn } = watchedFile({ awaited: false })
  file.missing = true
  pace.start()
  vi.advanceTimersByTime(1_000)
  expect(looksIn(10_000)).toBeLessThanOrEqual(40)
  // A commit of this process, say: somebody may wait now.
  file.awaited = true
  pace.hasten()
  expect(looksIn(1_000)).toBeGreaterThanOrEqual(30)
})

test('a thousand writes a second cost a hundred looks and twenty watches', () => {
  const { file, pace } = watchedFile()
  pace.start()
  vi.advanceTimersByTime(1_000)
  const { looks, opened } = file
  for (let write = 0; write < 1_000; write += 1) {
    file.commit()
    pace.hasten()
    vi.advanceTimersByTime(1)
  }
  expect(file.looks - looks).toBeLessThanOrEqual(100)
  expect(file.opened - opened).toBeLessThanOrEqual(20)
})

test('once stopped it neither looks nor watches, also when a look stopped it', () => {
  const { file, pace, looksIn } = watchedFile()
  pace.start()
  vi.advanceTimersByTime(1_000)
  expect(file.watched).toBe(1)
  pace.stop()
  pace.hasten()
  expect(file.watched).toBe(0)
  expect(looksIn(10_000)).toBe(0)
  const inner = createPace({
    look() {
      inner.stop()
      return true
    },
    isAwaited: () => true,
    watch: () => ({ close() {} }),
  })
  inner.start()
  vi.advanceTimersByTime(100)
  expect(vi.getTimerCount()).toBe(0)
})
