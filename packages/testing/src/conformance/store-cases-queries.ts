import assert from 'node:assert/strict'
import type { ApprovalStore, RequestFilter } from '@gatewright/core'
import { createSample } from '../samples'
import { approval, ending, idsOf, move } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** Requests are found again. */
export const queryCases: readonly StoreCase[] = [
  {
    name: 'a listing holds every request, the newest first',
    async run({ store }) {
      const at = store.now()
      for (const [index, id] of ['r-1', 'r-2', 'r-3'].entries())
        await createSample(store, id, { createdAt: at + index })
      assert.deepEqual(await listed(store, {}), ['r-3', 'r-2', 'r-1'])
      assert.equal((await store.list({})).cursor, null)
    },
  },
  {
    name: 'a listing filters by status, action, shape, requester, run and time, and all at once',
    async run({ store }) {
      const at = store.now()
      const origin = {
        runId: 'run-1',
        callId: null,
        parentRequestId: null,
        traceparent: null,
        model: null,
        agent: null,
      }
      const base = await createSample(store, 'r-1', { createdAt: at })
      await createSample(store, 'r-2', { createdAt: at + 10, action: 'data.delete', origin })
      await createSample(store, 'r-3', {
        createdAt: at + 20,
        argumentShape: 'another shape',
        requester: { id: 'other', name: 'o', owner: null },
      })
      await move(store, base, approval(at))
      const expected: readonly (readonly [RequestFilter, readonly string[]])[] = [
        [{ status: 'approved' }, ['r-1']],
        [{ status: ['approved', 'pending'] }, ['r-3', 'r-2', 'r-1']],
        [{ status: ['executing', 'rejected'] }, []],
        [{ status: [] }, []],
        [{ action: 'data.delete' }, ['r-2']],
        [{ action: 'data' }, []],
        [{ argumentShape: 'another shape' }, ['r-3']],
        [{ action: 'data.delete', argumentShape: 'another shape' }, []],
        [{ requesterId: 'other' }, ['r-3']],
        [{ runId: 'run-1' }, ['r-2']],
        [{ createdAfter: at + 5 }, ['r-3', 'r-2']],
        [{ createdBefore: at + 15 }, ['r-2', 'r-1']],
        [{ createdAfter: at + 5, createdBefore: at + 15 }, ['r-2']],
        [{ createdAfter: at + 10 }, ['r-3']],
        [{ createdBefore: at + 10 }, ['r-1']],
        [{ status: 'pending', action: 'data.export', requesterId: 'ops-bot' }, []],
      ]
      for (const [filter, ids] of expected)
        assert.deepEqual(await listed(store, filter), ids, JSON.stringify(filter))
    },
  },
  {
    name: 'a listing shows requests as they stand now',
    async run({ store }) {
      const moved = await move(store, await createSample(store, 'r-1'), ending('rejected', store.now()))
      assert.deepEqual((await store.list({ status: 'rejected' })).requests, [moved])
      assert.deepEqual(await listed(store, { status: 'pending' }), [])
    },
  },
  {
    name: 'pages follow one another without a gap or a repetition, while new requests come',
    async run({ store }) {
      const at = store.now()
      for (let number = 0; number < 10; number += 1)
        await createSample(store, `r-${number}`, { createdAt: at + number })
      const seen: string[] = []
      let cursor: string | null = null
      let extra = 0
      do {
        const page = await store.list({}, { cursor, limit: 3 })
        assert(page.requests.length <= 3, 'a page is longer than was asked for')
        assert(page.requests.length > 0, 'a page is empty')
        seen.push(...idsOf(page.requests))
        assert(seen.length <= 10, 'the pages hold more than there was')
        cursor = page.cursor
        extra += 1
        await createSample(store, `new-${extra}`, { createdAt: at + 100 + extra })
      } while (cursor !== null)
      assert.deepEqual(seen, ['r-9', 'r-8', 'r-7', 'r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1', 'r-0'])
    },
  },
  {
    name: 'pages hold all requests of one instant, once each',
    async run({ store }) {
      const createdAt = store.now()
      const ids = ['r-1', 'r-2', 'r-3', 'r-4', 'r-5', 'r-6', 'r-7']
      for (const id of ids) await createSample(store, id, { createdAt })
      const seen = await allPages(store, {}, 2)
      assert.deepEqual([...seen].sort(), ids)
    },
  },
  {
    name: 'a cursor goes on where it stood, although what it stood on was forgotten or moved',
    async run({ store }) {
      const at = store.now()
      for (let number = 0; number < 6; number += 1)
        await createSample(store, `r-${number}`, { createdAt: at + number })
      const first = await store.list({}, { limit: 2 })
      const last = first.requests[1]
      assert(last !== undefined)
      await move(store, last, ending('cancelled', at))
      await store.outbox.published('log', [`${last.id}/1`, `${last.id}/2`])
      assert.equal(await store.forget(last.id), true)
      const second = await store.list({}, { cursor: first.cursor, limit: 2 })
      assert.deepEqual(idsOf(second.requests), ['r-3', 'r-2'])
    },
  },
  {
    name: 'a filtered listing fills its pages, and ends',
    async run({ store }) {
      const at = store.now()
      for (let number = 0; number < 12; number += 1) {
        await createSample(store, `r-${number}`, {
          createdAt: at + number,
          action: number % 3 === 0 ? 'a.b' : 'c.d',
        })
      }
      assert.deepEqual(await allPages(store, { action: 'a.b' }, 2), ['r-9', 'r-6', 'r-3', 'r-0'])
      assert.deepEqual(await store.list({ action: 'x.y' }, { limit: 2 }), { requests: [], cursor: null })
    },
  },
  {
    name: 'similar requests are decided ones of the same action and argument shape, the newest first',
    async run({ store }) {
      const at = store.now()
      const decided = [
        ['r-1', approval(at), {}],
        ['r-2', ending('rejected', at), {}],
        ['r-3', approval(at), { action: 'data.delete' }],
        ['r-4', approval(at), { argumentShape: '["string"]' }],
        ['r-5', ending('rejected', at), {}],
      ] as const
      for (const [index, [id, fields, origin]] of decided.entries()) {
        await move(store, await createSample(store, id, { createdAt: at + index, ...origin }), fields)
      }
      await createSample(store, 'r-6', { createdAt: at + 10 })
      const similar = await store.similar('data.export', '[{"rows":"number"}]', 5)
      assert.deepEqual(idsOf(similar), ['r-5', 'r-2', 'r-1'])
      assert.deepEqual(idsOf(await store.similar('data.export', '[{"rows":"number"}]', 2)), ['r-5', 'r-2'])
      assert.deepEqual(await store.similar('data.export', '[]', 5), [])
      assert.deepEqual(await store.similar('data', '[{"rows":"number"}]', 5), [])
    },
  },
  {
    name: 'similar requests are shown as they stand now',
    async run({ store }) {
      const at = store.now()
      const approved = await move(store, await createSample(store, 'r-1'), approval(at))
      const done = await move(store, approved, { ...ending('succeeded', at), result: '1' })
      assert.deepEqual(await store.similar('data.export', '[{"rows":"number"}]', 5), [done])
    },
  },
  {
    name: 'requests are due once their time has come, the earliest first, and the next time is told',
    needs: 'clock',
    async run({ store, advance }) {
      const at = store.now()
      await createSample(store, 'r-3', { dueAt: at + 3_000 })
      await createSample(store, 'r-1', { dueAt: at + 1_000 })
      await createSample(store, 'r-2', { dueAt: at + 2_000 })
      await createSample(store, 'r-0', { dueAt: null })
      assert.deepEqual(await store.due(9), { requests: [], nextAt: at + 1_000 })
      await advance(999)
      assert.deepEqual(idsOf((await store.due(9)).requests), [])
      await advance(1)
      assert.deepEqual(idsOf((await store.due(9)).requests), ['r-1'])
      assert.equal((await store.due(9)).nextAt, at + 2_000)
      await advance(10_000)
      const all = await store.due(9)
      assert.deepEqual([idsOf(all.requests), all.nextAt], [['r-1', 'r-2', 'r-3'], null])
    },
  },
  {
    name: 'no more due requests are answered than were asked for; the next one is due when it was',
    async run({ store }) {
      const at = store.now()
      await createSample(store, 'r-2', { dueAt: at - 2_000 })
      await createSample(store, 'r-1', { dueAt: at - 1_000 })
      await createSample(store, 'r-3', { dueAt: at - 3_000 })
      const due = await store.due(2)
      assert.deepEqual([idsOf(due.requests), due.nextAt], [['r-3', 'r-2'], at - 1_000])
    },
  },
  {
    name: 'a request is due by what it says now',
    async run({ store }) {
      const at = store.now()
      const request = await createSample(store, 'r-1', { dueAt: at - 1_000 })
      const later = await move(store, request, { dueAt: at + 60_000 })
      assert.deepEqual(await store.due(9), { requests: [], nextAt: at + 60_000 })
      const past = await move(store, later, { dueAt: at - 5 })
      assert.deepEqual((await store.due(9)).requests, [past])
      await move(store, past, ending('expired', at))
      assert.deepEqual(await store.due(9), { requests: [], nextAt: null })
    },
  },
  {
    name: '5,000 requests are kept, listed, and found due',
    async run({ store }) {
      const at = store.now()
      const count = 5_000
      for (let start = 0; start < count; start += 100) {
        const batch = Array.from({ length: 100 }, (_, offset) => start + offset)
        await Promise.all(
          batch.map((number) =>
            createSample(store, `r-${number}`, { createdAt: at + number, dueAt: at - number }),
          ),
        )
      }
      assert.equal((await allPages(store, {}, 1_000)).length, count)
      const due = await store.due(3)
      assert.deepEqual(idsOf(due.requests), ['r-4999', 'r-4998', 'r-4997'])
      assert.equal((await store.outbox.unpublished({ logId: 'log', limit: 10_000 })).length, count)
      assert.equal((await store.getMany(['r-0', 'r-2500', 'r-4999'])).length, 3)
    },
  },
]

async function listed(store: ApprovalStore, filter: RequestFilter): Promise<readonly string[]> {
  return idsOf((await store.list(filter)).requests)
}

async function allPages(
  store: ApprovalStore,
  filter: RequestFilter,
  limit: number,
): Promise<readonly string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await store.list(filter, { cursor, limit })
    seen.push(...idsOf(page.requests))
    cursor = page.cursor
    assert(seen.length <= 10_000, 'the pages never end')
  } while (cursor !== null)
  assert.equal(new Set(seen).size, seen.length, 'a request is on two pages')
  return seen
}
