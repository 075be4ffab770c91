import assert from 'node:assert/strict'
import type { ApprovalRequest, KeyTombstone } from '@gatewright/core'
import { createSample, digest, sampleEvent, sampleMove, sampleRequest } from '../samples'
import { ending, idsOf, move, publish } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** Requests come to be, move on, and are forgotten. */
export const requestCases: readonly StoreCase[] = [
  {
    name: 'a created request is found, by id and among others, exactly as it was handed in',
    async run({ store }) {
      const request = sampleRequest('r-1', { createdAt: store.now(), key: digest(10) })
      const result = await store.create(request, [sampleEvent('r-1', 1)])
      assert.deepEqual(result, { created: true, request })
      assert.deepEqual(await store.get('r-1'), request)
      assert.deepEqual(await store.getMany(['r-1']), [request])
      assert.deepEqual(await store.getByKey(digest(10)), request)
    },
  },
  {
    name: 'what does not exist is answered as nothing',
    async run({ store }) {
      await createSample(store, 'r-1')
      assert.equal(await store.get('r-2'), null)
      assert.equal(await store.getByKey(digest(10)), null)
      assert.deepEqual(idsOf(await store.getMany(['r-2', 'r-1', 'r-3'])), ['r-1'])
      assert.deepEqual(await store.getMany([]), [])
      assert.deepEqual(await store.transition(sampleMove(sampleRequest('r-2', { createdAt: store.now() }))), {
        applied: false,
        reason: 'missing',
        request: null,
      })
      assert.equal(await store.forget('r-2'), false, 'it forgot what never was')
    },
  },
  {
    name: 'I3: a second request with the same key is not saved, and the holder is answered',
    async run({ store }) {
      const first = await createSample(store, 'r-1', { key: digest(10) })
      const second = sampleRequest('r-2', {
        createdAt: store.now(),
        key: digest(10),
        argumentsDigest: digest(11),
      })
      assert.deepEqual(await store.create(second, [sampleEvent('r-2', 1)]), {
        created: false,
        request: first,
      })
      assert.equal(await store.get('r-2'), null, 'it was saved all the same')
      assert.deepEqual(await publish(store, 'log'), ['r-1/1'], 'its event was recorded all the same')
      assert.deepEqual(await store.getByKey(digest(10)), first)
    },
  },
  {
    name: 'I3: the holder of a key is answered as it stands now, not as it was created',
    async run({ store }) {
      const first = await createSample(store, 'r-1', { key: digest(10) })
      const moved = await move(store, first, ending('rejected', store.now()))
      const answer = await store.create(sampleRequest('r-2', { createdAt: store.now(), key: digest(10) }), [
        sampleEvent('r-2', 1),
      ])
      assert.deepEqual(answer, { created: false, request: moved })
    },
  },
  {
    name: 'I3: of 50 requests created at once with one key, one is created and the others are told of it',
    async run({ store }) {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, number) => {
          const request = sampleRequest(`r-${number}`, { createdAt: store.now(), key: digest(10) })
          return store.create(request, [sampleEvent(request.id, 1)])
        }),
      )
      const created = results.filter((result) => result.created)
      assert.equal(created.length, 1, `${created.length} were created`)
      const holder = created[0]?.request?.id
      assert.deepEqual(new Set(results.map(({ request }) => request?.id)), new Set([holder]))
      assert.deepEqual(await publish(store, 'log'), [`${holder}/1`])
    },
  },
  {
    name: 'requests without a key are each their own',
    async run({ store }) {
      await createSample(store, 'r-1')
      await createSample(store, 'r-2')
      assert.deepEqual([...idsOf(await store.getMany(['r-1', 'r-2']))].sort(), ['r-1', 'r-2'])
    },
  },
  {
    name: 'an id that exists is never overwritten',
    async run({ store }) {
      const first = await createSample(store, 'r-1')
      await move(store, first, { reminders: 1 })
      const again = async () =>
        store.create(sampleRequest('r-1', { createdAt: store.now(), action: 'data.delete' }), [
          sampleEvent('r-1', 1),
        ])
      const result = await again().catch(() => null)
      assert(result === null || !result.created, 'it was created a second time')
      assert.equal((await store.get('r-1'))?.action, 'data.export')
      assert.equal((await store.get('r-1'))?.version, 2)
    },
  },
  {
    name: 'a move is stored whole and answered',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const transition = sampleMove(request, { reminders: 1, stageOpenedAt: 5, intent: 'to see' })
      assert.deepEqual(await store.transition(transition), { applied: true, request: transition.next })
      assert.deepEqual(await store.get('r-1'), transition.next)
    },
  },
  {
    name: 'a move from a version that is past is a conflict, answered with what is stored now',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const stored = await move(store, request, { reminders: 1 })
      const late = await store.transition(sampleMove(request, { reminders: 99 }))
      assert.deepEqual(late, { applied: false, reason: 'conflict', request: stored })
      assert.deepEqual(await store.get('r-1'), stored)
      assert.deepEqual(await publish(store, 'log'), ['r-1/1', 'r-1/2'])
    },
  },
  {
    name: 'a move from a version that is yet to come is a conflict',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const ahead = sampleMove({ ...request, version: 7, lastEvent: { seq: 7, hash: digest(7) } })
      assert.deepEqual(await store.transition(ahead), { applied: false, reason: 'conflict', request })
    },
  },
  {
    name: 'T24: of 100 moves made at once from one version, exactly one is applied, with its event and no other',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, number) =>
          store.transition(sampleMove(request, { reminders: number + 1 })),
        ),
      )
      const applied = results.filter((result) => result.applied)
      assert.equal(applied.length, 1, `${applied.length} moves were applied`)
      const stored = await store.get('r-1')
      assert.deepEqual(stored, applied[0]?.request)
      for (const result of results) {
        if (!result.applied) assert.deepEqual(result, { applied: false, reason: 'conflict', request: stored })
      }
      assert.deepEqual(await publish(store, 'log'), ['r-1/1', 'r-1/2'])
    },
  },
  {
    name: 'movers who read again after each conflict all get through, once each',
    async run({ store }) {
      await createSample(store, 'r-1')
      const tries = Array.from({ length: 20 }, async () => {
        for (let attempt = 0; attempt < 1_000; attempt += 1) {
          const read = (await store.get('r-1')) as ApprovalRequest
          const result = await store.transition(sampleMove(read, { reminders: read.reminders + 1 }))
          if (result.applied) return
        }
      })
      await Promise.all(tries)
      const stored = await store.get('r-1')
      assert.deepEqual([stored?.reminders, stored?.version, stored?.lastEvent.seq], [20, 21, 21])
    },
  },
  {
    name: 'a finished request is forgotten with its events, leaving the tombstone of its key',
    async run({ store }) {
      const request = await createSample(store, 'r-1', { key: digest(10) })
      await move(store, request, ending('rejected', store.now()))
      await publish(store, 'log')
      assert.equal(await store.forget('r-1'), true)
      const tombstone: KeyTombstone = {
        key: digest(10),
        requestId: 'r-1',
        argumentsDigest: request.argumentsDigest,
        status: 'rejected',
      }
      assert.equal(await store.get('r-1'), null)
      assert.deepEqual(await store.getMany(['r-1']), [])
      assert.deepEqual((await store.list({})).requests, [])
      assert.deepEqual(await store.similar(request.action, request.argumentShape, 5), [])
      assert.deepEqual(await store.getByKey(digest(10)), tombstone)
      assert.deepEqual(await store.outbox.unpublished({ logId: 'other', subject: 'r-1', limit: 5 }), [])
      assert.equal(await store.forget('r-1'), false, 'it was forgotten twice')
    },
  },
  {
    name: 'I3: a key is refused after its request was forgotten',
    async run({ store }) {
      const request = await createSample(store, 'r-1', { key: digest(10) })
      await move(store, request, ending('succeeded', store.now()))
      await publish(store, 'log')
      await store.forget('r-1')
      const answer = await store.create(sampleRequest('r-2', { createdAt: store.now(), key: digest(10) }), [
        sampleEvent('r-2', 1),
      ])
      assert.equal(answer.created, false)
      assert.equal(answer.request, null)
      assert.equal('tombstone' in answer && answer.tombstone.requestId, 'r-1')
      assert.equal(await store.get('r-2'), null)
      assert.deepEqual(await publish(store, 'log'), [])
    },
  },
  {
    name: 'a request that is not finished is not forgotten',
    async run({ store }) {
      const at = store.now()
      const pending = await createSample(store, 'r-1', { key: digest(10) })
      await publish(store, 'log')
      assert.equal(await store.forget('r-1'), false, 'a pending request was forgotten')
      const approved = await move(store, pending, { status: 'approved', approvedAt: at })
      await publish(store, 'log')
      assert.equal(await store.forget('r-1'), false, 'an approved request was forgotten')
      const executing = await move(store, approved, { status: 'executing' })
      await publish(store, 'log')
      assert.equal(await store.forget('r-1'), false, 'an executing request was forgotten')
      assert.deepEqual(await store.get('r-1'), executing)
    },
  },
  {
    name: 'I7: a request with unpublished events is not forgotten',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await publish(store, 'log')
      const rejected = await move(store, request, ending('rejected', store.now()))
      assert.equal(await store.forget('r-1'), false, 'its last event was lost')
      assert.deepEqual(await store.get('r-1'), rejected)
      assert.deepEqual(await publish(store, 'log'), ['r-1/2'])
      assert.equal(await store.forget('r-1'), true)
    },
  },
]
