import { createSample, sampleMove } from '@gatewright/testing'
import { expect, test, vi } from 'vitest'
import { createFeed, type FeedSource } from '../src/feed'
import type { WriteSigns, WriteWatch } from '../src/write-watch'
import { openStore, scratchFile } from './scratch'

/** A file that others write to, and that counts how often it is asked. */
function fakeSource() {
  let changes: [number, string][] = []
  let version = 1
  const state = { pending: false, looks: 0 }
  const source: FeedSource = {
    version: () => {
      state.looks += 1
      return version
    },
    newest: () => changes.at(-1)?.[0] ?? 0,
    after: (change, limit) => changes.filter(([made]) => made > change).slice(0, limit),
    pending: () => state.pending,
  }
  return {
    source,
    state,
    write(change: number, ...ids: string[]) {
      version += 1
      changes = [...changes, ...ids.map((id): [number, string] => [change, id])]
    },
  }
}

/** A system that lets nothing be watched. */
const unwatchable = () => {
  throw new Error('ENOSPC')
}

function listening(source: FeedSource, watch: WriteWatch = unwatchable) {
  vi.useFakeTimers()
  const feed = createFeed(source, watch)
  const heard: string[] = []
  const controller = new AbortController()
  feed.subscribe((ids) => heard.push(...ids), controller.signal)
  return { feed, heard, controller, done: () => vi.useRealTimers() }
}

test('unwatched, it asks often while a request waits for people, seldom when none does, and never without listeners', () => {
  const { source, state, write } = fakeSource()
  const { controller, heard, done } = listening(source)
  state.pending = true
  write(1, 'r-1')
  vi.advanceTimersByTime(1_000)
  const waiting = state.looks
  expect(heard).toEqual(['r-1'])
  state.pending = false
  write(2, 'r-2')
  vi.advanceTimersByTime(50)
  state.looks = 0
  vi.advanceTimersByTime(1_000)
  expect(state.looks).toBeLessThanOrEqual(5)
  expect(waiting).toBeGreaterThanOrEqual(30)
  controller.abort()
  state.looks = 0
  vi.advanceTimersByTime(10_000)
  expect(state.looks).toBe(0)
  done()
})

test('asks as seldom while a request waits when the file is watched, and tells of a change at its sign', () => {
  const { source, state, write } = fakeSource()
  state.pending = true
  const watching = new Set<WriteSigns>()
  const { controller, heard, done } = listening(source, (signs) => {
    watching.add(signs)
    return { close: () => watching.delete(signs) }
  })
  vi.advanceTimersByTime(2_000)
  state.looks = 0
  vi.advanceTimersByTime(2_000)
  expect(state.looks).toBeLessThanOrEqual(4)
  for (const signs of [...watching]) signs.written()
  write(1, 'r-1')
  vi.advanceTimersByTime(1)
  expect(heard).toEqual(['r-1'])
  vi.advanceTimersByTime(1_000)
  expect(watching.size).toBe(1)
  controller.abort()
  expect(watching.size).toBe(0)
  done()
})

test('what others saved between two commits of this process is found though no sign came', () => {
  const { source, write } = fakeSource()
  const { feed, heard, done } = listening(source, () => ({ close() {} }))
  vi.advanceTimersByTime(2_000)
  write(1, 'theirs')
  write(2, 'own')
  feed.committed(2, ['own'])
  vi.advanceTimersByTime(1)
  expect(heard).toContain('theirs')
  done()
})

test('tells of every change, however many came at once, and of those of this process once', () => {
  const { source, write } = fakeSource()
  const { feed, heard, done } = listening(source)
  write(1, 'own')
  feed.committed(1, ['own'])
  vi.advanceTimersByTime(500)
  expect(heard).toEqual(['own'])
  const many = Array.from({ length: 1_300 }, (_, index) => `r-${index}`)
  for (let at = 0; at < many.length; at += 130) write(2 + at / 130, ...many.slice(at, at + 130))
  vi.advanceTimersByTime(500)
  expect(new Set(heard)).toEqual(new Set(['own', ...many]))
  done()
})

test('a file that cannot be read for a while is asked again', () => {
  const { source, write } = fakeSource()
  let broken = true
  const { heard, done } = listening({
    ...source,
    version: () => {
      if (broken) throw new Error('busy')
      return source.version()
    },
  })
  write(1, 'r-1')
  vi.advanceTimersByTime(300)
  broken = false
  vi.advanceTimersByTime(300)
  expect(heard).toEqual(['r-1'])
  done()
})

test('who waits hears of a vote that another store object saved', async () => {
  const file = scratchFile()
  const [one, other] = [openStore(file), openStore(file)]
  const request = await createSample(one, 'r-1')
  await other.opened
  const heard = new Promise<readonly string[]>((resolve) => {
    const controller = new AbortController()
    one.changes((ids) => {
      if (!ids.includes('r-1')) return
      controller.abort()
      resolve(ids)
    }, controller.signal)
  })
  await other.transition(sampleMove(request, { reminders: 1 }))
  expect(await heard).toContain('r-1')
})
