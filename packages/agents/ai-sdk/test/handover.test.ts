import { expect, test } from 'vitest'
import { handedOver } from '../src/handover'

const nothing = (): readonly unknown[] => []

test('values come as they are wanted, and the answer after them', async () => {
  const made: number[] = []
  const values = handedOver(
    async ({ give }) => {
      for (const value of [1, 2, 3]) {
        made.push(value)
        await give(value)
      }
      return 'answer'
    },
    (answer, given) => [answer, given],
  )
  expect(await values.next()).toEqual({ done: false, value: 1 })
  await Promise.resolve()
  expect(made).toEqual([1])
  const rest: unknown[] = []
  for await (const value of values) rest.push(value)
  expect(rest).toEqual([2, 3, 'answer', 3])
})

test('whoever leaves ends the work', async () => {
  let told: boolean | undefined
  let after: boolean | undefined
  let work: Promise<void> | undefined
  const values = handedOver(({ give }) => {
    work = (async () => {
      told = await give(1)
      after = await give(2)
    })()
    return work
  }, nothing)
  await values.next()
  await values.return()
  await work
  expect([told, after]).toEqual([false, false])
})

test('what the work rejects with is thrown where it is read', async () => {
  const values = handedOver(async ({ give }) => {
    await give(1)
    throw new Error('broken')
  }, nothing)
  expect(await values.next()).toEqual({ done: false, value: 1 })
  await expect(values.next()).rejects.toThrow('broken')
})
