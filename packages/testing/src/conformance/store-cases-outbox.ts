import assert from 'node:assert/strict'
import type { ApprovalStore } from '@gatewright/core'
import { createSample, digest, sampleEvent, sampleGrant, sampleRequest } from '../samples'
import { ending, idsOf, move, publish } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** Recorded events wait until a log has them. */
export const outboxCases: readonly StoreCase[] = [
  {
    name: 'I7: recorded events are unpublished, exactly as they were handed in, oldest first',
    async run({ store }) {
      await createSample(store, 'r-1')
      await store.outbox.record([sampleEvent('s-1', 1, { type: 'vote.refused' })])
      await createSample(store, 'r-2')
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), [
        sampleEvent('r-1', 1),
        sampleEvent('s-1', 1, { type: 'vote.refused' }),
        sampleEvent('r-2', 1),
      ])
    },
  },
  {
    name: 'the events of each subject come in the order of its chain, and those of different subjects may mix',
    async run({ store }) {
      const one = await createSample(store, 'r-1')
      const two = await createSample(store, 'r-2')
      let last = one
      for (let step = 0; step < 12; step += 1) last = await move(store, last, { reminders: step + 1 })
      await move(store, two)
      const ids = idsOf(await store.outbox.unpublished({ logId: 'log', limit: 99 }))
      assert.deepEqual(
        ids.filter((id) => id.startsWith('r-1/')),
        Array.from({ length: 13 }, (_, index) => `r-1/${index + 1}`),
      )
      assert.deepEqual(
        ids.filter((id) => id.startsWith('r-2/')),
        ['r-2/1', 'r-2/2'],
      )
      assert.equal(ids.length, 15)
    },
  },
  {
    name: 'T49: order is by chain, whatever the events say of the time',
    async run({ store }) {
      const request = sampleRequest('r-1', { createdAt: store.now() })
      await store.create(request, [{ ...sampleEvent('r-1', 1), time: 2_000_000_000_000 }])
      await move(store, request, {}, { events: [{ ...sampleEvent('r-1', 2), time: 5 }] })
      const all = await store.outbox.unpublished({ logId: 'log', limit: 9 })
      assert.deepEqual(idsOf(all), ['r-1/1', 'r-1/2'])
      const own = await store.outbox.unpublished({ logId: 'log', subject: 'r-1', limit: 9 })
      assert.deepEqual(idsOf(own), ['r-1/1', 'r-1/2'])
    },
  },
  {
    name: 'no more events are answered than were asked for, the oldest first',
    async run({ store }) {
      let last = await createSample(store, 'r-1')
      for (let step = 0; step < 5; step += 1) last = await move(store, last)
      const first = await store.outbox.unpublished({ logId: 'log', limit: 2 })
      assert.deepEqual(idsOf(first), ['r-1/1', 'r-1/2'])
      const own = await store.outbox.unpublished({ logId: 'log', subject: 'r-1', limit: 3 })
      assert.deepEqual(idsOf(own), ['r-1/1', 'r-1/2', 'r-1/3'])
      await store.outbox.published('log', ['r-1/1', 'r-1/2'])
      const rest = await store.outbox.unpublished({ logId: 'log', limit: 2 })
      assert.deepEqual(idsOf(rest), ['r-1/3', 'r-1/4'])
    },
  },
  {
    name: 'what one log acknowledged is published to all who ask for the unpublished',
    async run({ store }) {
      await createSample(store, 'r-1')
      await createSample(store, 'r-2')
      await store.outbox.published('log-a', ['r-1/1'])
      for (const logId of ['log-a', 'log-b']) {
        assert.deepEqual(idsOf(await store.outbox.unpublished({ logId, limit: 9 })), ['r-2/1'], logId)
      }
    },
  },
  {
    name: 'T54: a subject’s chain is complete for each log until that very log has acknowledged it',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await publish(store, 'log-a')
      const second = await move(store, request)
      assert.deepEqual(await chainFor(store, 'log-a'), ['r-1/2'])
      assert.deepEqual(await chainFor(store, 'log-b'), ['r-1/1', 'r-1/2'])
      await store.outbox.published('log-b', ['r-1/1', 'r-1/2'])
      assert.deepEqual(await chainFor(store, 'log-b'), [])
      assert.deepEqual(await chainFor(store, 'log-a'), ['r-1/2'])
      await move(store, second)
      assert.deepEqual(await chainFor(store, 'log-b'), ['r-1/3'])
      assert.deepEqual(await chainFor(store, 'log-c'), ['r-1/1', 'r-1/2', 'r-1/3'])
    },
  },
  {
    name: 'T54: a log that took a later event has not thereby taken the earlier ones',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await store.outbox.published('log-a', ['r-1/1'])
      const second = await move(store, request)
      // Nobody has it, so whoever asks first takes it.
      assert.deepEqual(await publish(store, 'log-b'), ['r-1/2'])
      assert.deepEqual(await chainFor(store, 'log-b'), ['r-1/1'])
      assert.deepEqual(await publish(store, 'log-b'), [], 'it is offered for ever')
      await move(store, second)
      await store.outbox.published('log-b', ['r-1/1'])
      assert.deepEqual(await chainFor(store, 'log-b'), ['r-1/3'])
    },
  },
  {
    name: 'acknowledging is idempotent, and ids that nobody knows are ignored',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const unknown = ['r-9/1', 'nonsense', '', '/', 'r-1/', 'r-1/2', 'r-1/x', 'r-1/-1']
      await store.outbox.published('log', unknown)
      assert.deepEqual(await publish(store, 'log'), ['r-1/1'])
      await store.outbox.published('log', ['r-1/1', 'r-1/1'])
      await store.outbox.published('log', [])
      assert.deepEqual(await publish(store, 'log'), [])
      assert.deepEqual(await chainFor(store, 'log'), [])
      await move(store, request)
      assert.deepEqual(await chainFor(store, 'log'), ['r-1/2'], 'it was acknowledged before it was there')
    },
  },
  {
    name: 'events that belong to no request are recorded in one go or not at all, and once however often they are handed in',
    async run({ store }) {
      const events = [sampleEvent('s-1', 1), sampleEvent('s-1', 2), sampleEvent('s-2', 1)]
      await store.outbox.record(events)
      await store.outbox.record(events)
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), events)
      const own = await store.outbox.unpublished({ logId: 'log', subject: 's-1', limit: 9 })
      assert.deepEqual(idsOf(own), ['s-1/1', 's-1/2'])
      await assert.rejects(async () => store.outbox.record([sampleEvent('s-3', 1), sampleEvent('s-3', 3)]))
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), events)
      await store.outbox.record([sampleEvent('s-1', 3)])
      assert.deepEqual(await publish(store, 'log'), ['s-1/1', 's-1/2', 's-2/1', 's-1/3'])
    },
  },
  {
    name: 'the chain of what is no request goes on after a later event was acknowledged before the earlier ones',
    async run({ store }) {
      await store.outbox.record([sampleEvent('s-1', 1), sampleEvent('s-1', 2)])
      await store.outbox.published('log-a', ['s-1/2'])
      await store.outbox.record([sampleEvent('s-1', 3)])
      const own = await store.outbox.unpublished({ logId: 'log-b', subject: 's-1', limit: 9 })
      assert.deepEqual(idsOf(own), ['s-1/1', 's-1/2', 's-1/3'])
      assert.deepEqual(await publish(store, 'log-a'), ['s-1/1', 's-1/3'])
    },
  },
  {
    name: 'the chain of a request grows by its moves alone',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await assert.rejects(async () => store.outbox.record([sampleEvent('r-1', 2)]))
      await move(store, request)
      assert.deepEqual(await publish(store, 'log'), ['r-1/1', 'r-1/2'])
    },
  },
  {
    name: 'the events of a finished request wait until some log has them',
    async run({ store }) {
      const request = await createSample(store, 'r-1', { key: digest(10) })
      await move(store, request, ending('cancelled', store.now()))
      assert.deepEqual(await publish(store, 'log'), ['r-1/1', 'r-1/2'])
      assert.deepEqual(await publish(store, 'log'), [])
      assert.deepEqual(await chainFor(store, 'log'), [])
    },
  },
  {
    name: 'a grant’s events are recorded if it was put, and not otherwise',
    async run({ store }) {
      const grant = sampleGrant('g-1', { createdAt: store.now() })
      assert.equal(await store.grants.put(grant, 0, [sampleEvent('g-1', 1, { type: 'grant.created' })]), true)
      assert.equal(
        await store.grants.put(grant, 0, [sampleEvent('g-1', 2, { type: 'grant.created' })]),
        false,
      )
      assert.deepEqual(await publish(store, 'log'), ['g-1/1'])
    },
  },
]

async function chainFor(store: ApprovalStore, logId: string): Promise<readonly string[]> {
  return idsOf(await store.outbox.unpublished({ logId, subject: 'r-1', limit: 99 }))
}
