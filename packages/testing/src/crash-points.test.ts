import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { crashPoints } from './crash-points'

/** Whether a promise has settled, once everything else has. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = () => {
    settled = true
  }
  promise.then(note, note)
  await nextTurn()
  return settled
}

test('a process that nobody kills goes on at every point', async () => {
  const crash = crashPoints()
  await crash.point('a')
  await crash.point('b')
  expect(crash.passed).toEqual(['a', 'b'])
  expect(crash.crashed).toBe(false)
})

test('a process that dies at a point never goes on, there or anywhere', async () => {
  const crash = crashPoints()
  crash.crashAt('b')
  await crash.point('a')
  expect(await settles(crash.point('b'))).toBe(false)
  expect(crash.crashed).toBe(true)
  expect(await settles(crash.point('a'))).toBe(false)
  expect(crash.passed).toEqual(['a', 'b'])
})

test('it dies at the occurrence that was named, counted from then', async () => {
  const crash = crashPoints()
  await crash.point('a')
  crash.crashAt('a', 2)
  await crash.point('a')
  expect(await settles(crash.point('a'))).toBe(false)
})

test('what stands at a point when the process is killed does not go on', async () => {
  const crash = crashPoints()
  const standing = crash.point('a')
  crash.crash()
  expect(await settles(standing)).toBe(false)
})

test('killing one process harms no other', async () => {
  const [one, other] = [crashPoints(), crashPoints()]
  one.crash()
  await other.point('a')
  expect(other.crashed).toBe(false)
})

test.each([0, -1, 1.5, Number.NaN])('there is no occurrence %d', (occurrence) => {
  expect(() => crashPoints().crashAt('a', occurrence)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: 'crashAt.occurrence' }),
  )
})
