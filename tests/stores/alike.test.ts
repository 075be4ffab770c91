import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everythingOf, findSteps } from './alike/find-steps'
import { firstSteps, requestSteps } from './alike/request-steps'
import { rowSteps, rowsOf } from './alike/row-steps'
import { answerOf, runOver, STEP_MS } from './alike/run'
import { type EmptyStores, STORES } from './alike/stores'

// Stores that share no code with the one in memory give the same answers as it, whatever is done to them.

/** The long run: `GATEWRIGHT_SEQUENCES=2000`. */
const told = process.env.GATEWRIGHT_SEQUENCES

const step = fc.oneof(
  { weight: 5, arbitrary: requestSteps },
  { weight: 2, arbitrary: findSteps },
  { weight: 4, arbitrary: rowSteps },
)
const steps = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })
const last = [{ act: everythingOf }, { act: rowsOf }]

describe.each(STORES)('$name and the memory store', ({ begin, quick }) => {
  const sequences = Number(told ?? quick)
  let stores: EmptyStores
  beforeAll(async () => {
    stores = await begin()
  })
  afterAll(() => stores.stop())

  test(
    `answer alike in ${sequences} random sequences`,
    async () => {
      await fc.assert(
        fc.asyncProperty(firstSteps, steps, async (first, then) => {
          const opened = await stores.open()
          const clock = fakeClock()
          const tried = runOver(opened.store, opened.clock)
          const memory = runOver(memoryStore({ clock }), clock)
          try {
            for (const { act } of [...first, ...then, ...last]) {
              // Time moves on, so that no two requests are of one instant.
              for (const run of [tried, memory]) run.clock.setNow(run.clock.now() + STEP_MS)
              const [answer, expected] = [
                await answerOf(async () => act(tried)),
                await answerOf(async () => act(memory)),
              ]
              expect(answer).toEqual(expected)
            }
          } finally {
            await opened.end()
          }
        }),
        { numRuns: sequences },
      )
    },
    60_000 + sequences * 4_000,
  )
})
