import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApprovalStore } from '@gatewright/core'
import { startPatience } from '../patience'
import { createSample } from '../samples'
import { move } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** Who follows the store hears of changes. */
export const feedCases: readonly StoreCase[] = [
  {
    name: 'who listens hears of requests that were created and moved, in the end',
    run: ({ store, patienceMs }) => hearsOf(store, store, patienceMs),
  },
  {
    name: 'who stopped listening, or never began, hears nothing; the others hear all the same',
    async run({ store, patienceMs }) {
      const gone = listenTo(store, patienceMs)
      const never = listenTo(store, patienceMs, AbortSignal.abort())
      const staying = listenTo(store, patienceMs)
      gone.stop()
      await createSample(store, 'r-1')
      await staying.of('r-1')
      assert.deepEqual([gone.ids(), never.ids()], [[], []])
      staying.stop()
    },
  },
  {
    name: 'a listener that throws harms neither the move nor other listeners',
    async run({ store, patienceMs }) {
      const controller = new AbortController()
      store.changes(() => {
        throw new Error('a listener')
      }, controller.signal)
      const other = listenTo(store, patienceMs)
      const request = await createSample(store, 'r-1')
      await move(store, request)
      await other.of('r-1')
      assert.equal((await store.get('r-1'))?.version, 2)
      controller.abort()
      other.stop()
    },
  },
  {
    name: 'what one process does the others hear of, in the end',
    needs: 'another',
    run: async ({ store, another, patienceMs }) => hearsOf(store, await another(), patienceMs),
  },
]

/** Creates and moves a request in one store, and waits until the other has told of both. */
async function hearsOf(store: ApprovalStore, other: ApprovalStore, patienceMs: number): Promise<void> {
  const heard = listenTo(other, patienceMs)
  const request = await createSample(store, 'r-1')
  await heard.of('r-1')
  heard.forget()
  await move(store, request)
  await heard.of('r-1')
  heard.stop()
}

/** A listener that remembers what it heard. */
function listenTo(store: ApprovalStore, patienceMs: number, signal?: AbortSignal) {
  const controller = new AbortController()
  let ids: string[] = []
  store.changes((changed) => ids.push(...changed), signal ?? controller.signal)
  return {
    ids: (): readonly string[] => ids,
    forget: () => {
      ids = []
    },
    stop: () => controller.abort(),
    /** Resolves once it heard of the request. A feed may poll. */
    async of(id: string): Promise<void> {
      const isOver = startPatience(patienceMs)
      while (!ids.includes(id)) {
        assert(!isOver(), `nothing was heard of ${id}`)
        await nextTurn()
      }
    },
  }
}
