import { expect, test } from 'vitest'
import type { Engine } from './engine'
import { createRetries } from './retries'

function retries(most = 10) {
  const time = { now: 0 }
  const engine = { store: { now: () => time.now } } as Engine
  const options = { most, firstMs: () => 1_000, longestMs: 5_000 }
  return { time, list: createRetries(() => engine, options) }
}

test('waits double from one failure to the next, up to the longest, however often it fails', () => {
  const { time, list } = retries()
  const waits = Array.from({ length: 5 }, () => list.failed('a'))
  expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
  for (let n = 0; n < 5_000; n += 1) list.failed('a')
  time.now = 1e12
  expect(list.failed('a')).toBe(1e12 + 5_000)
})

test('what went well starts anew', () => {
  const { list } = retries()
  list.failed('a')
  list.failed('a')
  list.done('a')
  expect([list.has('a'), list.size]).toEqual([false, 0])
  expect(list.failed('a')).toBe(1_000)
})

test('those are due whose time has come, the one that was tried longest ago first', () => {
  const { time, list } = retries()
  for (const id of ['a', 'b', 'c']) list.failed(id)
  expect(list.due()).toEqual([])
  time.now = 1_000
  expect(list.due()).toEqual(['a', 'b', 'c'])
  list.failed('a')
  expect(list.due()).toEqual(['b', 'c'])
  time.now = 3_000
  expect(list.due()).toEqual(['b', 'c', 'a'])
})

test('there is room for so many, and those that are there keep theirs', () => {
  const { list } = retries(2)
  expect([list.failed('a'), list.failed('b'), list.failed('c')]).toEqual([1_000, 1_000, null])
  expect(list.failed('a')).toBe(2_000)
  expect([list.size, list.has('c')]).toEqual([2, false])
  list.done('b')
  expect(list.failed('c')).toBe(1_000)
})
