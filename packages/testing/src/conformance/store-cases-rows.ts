import assert from 'node:assert/strict'
import type { DeliveryRow } from '@gatewright/core'
import {
  createSample,
  sampleDelivery,
  sampleEvent,
  sampleGrant,
  sampleLease,
  sampleReviewer,
} from '../samples'
import { ending, idsOf, move, publish } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** The rows beside the requests. */
export const rowCases: readonly StoreCase[] = [
  {
    name: 'T51: messages are found by their request, as they were put last',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await createSample(store, 'r-2')
      const first = sampleDelivery('d-1', 'r-1', { nextAttemptAt: store.now() + 60_000 })
      const second = sampleDelivery('d-2', 'r-1')
      await store.deliveries.put(first)
      await store.deliveries.put(second)
      await store.deliveries.put(sampleDelivery('d-3', 'r-2'))
      const delivered = {
        ...first,
        status: 'delivered',
        nextAttemptAt: null,
        reference: 'C1/2',
        attempts: 2,
      } as const
      await store.deliveries.put(delivered)
      const rows = [...(await store.deliveries.of('r-1'))].sort((one, other) => (one.id < other.id ? -1 : 1))
      assert.deepEqual(rows, [delivered, second])
      assert.deepEqual(await store.deliveries.of('r-9'), [])
      await store.deliveries.put({ ...second, requestId: 'r-2' })
      assert.deepEqual(await store.deliveries.of('r-1'), [delivered], 'a row stands twice, with its id')
      assert.deepEqual([...idsOf(await store.deliveries.of('r-2'))].sort(), ['d-2', 'd-3'])
      assert.deepEqual(await store.get('r-1'), request, 'the request changed')
    },
  },
  {
    name: 'a message is due once its time has come, whatever its status, the earliest first',
    async run({ store }) {
      const at = store.now()
      await createSample(store, 'r-1')
      const put = (id: string, nextAttemptAt: number | null, status: DeliveryRow['status']) =>
        store.deliveries.put(sampleDelivery(id, 'r-1', { nextAttemptAt, status }))
      await put('d-late', at - 1_000, 'delivered')
      await put('d-early', at - 5_000, 'sending')
      await put('d-mid', at - 3_000, 'failed')
      await put('d-next', at + 60_000, 'sending')
      await put('d-none', null, 'sending')
      await put('d-failed', null, 'failed')
      await put('d-delivered', null, 'delivered')
      await put('d-folded', at - 9_000, 'folded')
      await put('d-kept', at - 2_000, 'kept')
      assert.deepEqual(idsOf(await store.deliveries.due(9)), [
        'd-folded',
        'd-early',
        'd-mid',
        'd-kept',
        'd-late',
      ])
      assert.deepEqual(idsOf(await store.deliveries.due(2)), ['d-folded', 'd-early'])
      await put('d-folded', null, 'folded')
      await put('d-kept', null, 'kept')
      await put('d-early', null, 'delivered')
      await put('d-mid', at + 60_000, 'failed')
      assert.deepEqual(idsOf(await store.deliveries.due(9)), ['d-late'])
    },
  },
  {
    name: 'after a message come those that are due after it, each once, though it was put again meanwhile',
    async run({ store }) {
      const at = store.now()
      await createSample(store, 'r-1')
      const put = (id: string, nextAttemptAt: number | null) =>
        store.deliveries.put(sampleDelivery(id, 'r-1', { nextAttemptAt }))
      const ids = ['d-5', 'd-3', 'd-1', 'd-4', 'd-2']
      for (const id of ids) await put(id, at - 3_000)
      await put('d-last', at - 1_000)
      await put('d-first', at - 5_000)
      await put('d-next', at + 60_000)
      const found: string[] = []
      let after: DeliveryRow | null = null
      for (let page = 0; page < 9; page += 1) {
        const rows: readonly DeliveryRow[] = await store.deliveries.due(2, after)
        found.push(...idsOf(rows))
        after = rows.at(-1) ?? null
        if (after === null) break
        await put(after.id, page % 2 === 0 ? null : at + 60_000)
      }
      assert.deepEqual(
        [found[0], ...found.slice(1, 6).sort(), ...found.slice(6)],
        ['d-first', ...ids.sort(), 'd-last'],
      )
      assert.equal(idsOf(await store.deliveries.due(9)).includes('d-first'), true, 'it does not begin anew')
    },
  },
  {
    name: 'messages go with their request when it is forgotten',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      await store.deliveries.put(sampleDelivery('d-1', 'r-1', { nextAttemptAt: store.now() - 1_000 }))
      await move(store, request, ending('expired', store.now()))
      await publish(store, 'log')
      assert.equal(await store.forget('r-1'), true)
      assert.deepEqual(await store.deliveries.of('r-1'), [])
      assert.deepEqual(await store.deliveries.due(9), [])
    },
  },
  {
    name: 'a process lives while its lease lasts, by the store’s clock, and until it is released',
    needs: 'clock',
    async run({ store, advance }) {
      await store.leases.renew('p-1', 1_000)
      await store.leases.renew('p-2', 5_000)
      assert.deepEqual([...(await store.leases.live(['p-1', 'p-2', 'p-3']))].sort(), ['p-1', 'p-2'])
      await advance(999)
      assert.deepEqual(await store.leases.live(['p-1']), ['p-1'])
      await advance(1)
      assert.deepEqual(await store.leases.live(['p-1', 'p-2']), ['p-2'])
      await store.leases.renew('p-1', 1_000)
      assert.deepEqual(await store.leases.live(['p-1']), ['p-1'])
    },
  },
  {
    name: 'a lease that was released has ended, and only those asked about are answered',
    async run({ store }) {
      await store.leases.renew('p-1', 60_000)
      await store.leases.renew('p-2', 60_000)
      assert.deepEqual(await store.leases.live(['p-2']), ['p-2'])
      await store.leases.release('p-2')
      await store.leases.release('p-2')
      await store.leases.release('p-9')
      assert.deepEqual(await store.leases.live(['p-1', 'p-2']), ['p-1'])
      assert.deepEqual(await store.leases.live([]), [])
    },
  },
  {
    name: 'T35: credentials are listed from before they are issued until they are removed',
    async run({ store }) {
      const at = store.now()
      await createSample(store, 'r-1')
      await store.credentials.put(sampleLease('c-1', { createdAt: at }))
      await store.credentials.put(sampleLease('c-2', { createdAt: at + 1 }))
      await store.credentials.put(sampleLease('c-1', { createdAt: at, handle: 'handle' }))
      const listed = [...(await store.credentials.list(9))].sort((one, other) => (one.id < other.id ? -1 : 1))
      assert.deepEqual(listed, [
        sampleLease('c-1', { createdAt: at, handle: 'handle' }),
        sampleLease('c-2', { createdAt: at + 1 }),
      ])
      assert.equal((await store.credentials.list(1)).length, 1)
      await store.credentials.remove('c-1')
      await store.credentials.remove('c-1')
      assert.deepEqual(idsOf(await store.credentials.list(9)), ['c-2'])
    },
  },
  {
    name: 'a grant is put from the version that was read, or not at all',
    async run({ store }) {
      const grant = sampleGrant('g-1', { createdAt: store.now() })
      assert.equal(await store.grants.get('g-1'), null)
      assert.equal(await store.grants.put({ ...grant, version: 3 }, 2, []), false, 'it was put over nothing')
      assert.equal(await store.grants.put(grant, 0, [sampleEvent('g-1', 1)]), true)
      assert.deepEqual(await store.grants.get('g-1'), grant)
      assert.equal(await store.grants.put(grant, 0, []), false, 'it was created twice')
      const next = { ...grant, version: 2, note: 'longer' }
      assert.equal(await store.grants.put(next, 1, []), true)
      assert.equal(await store.grants.put({ ...grant, version: 2, note: 'lost' }, 1, []), false)
      assert.deepEqual(await store.grants.get('g-1'), next)
    },
  },
  {
    name: 'of 20 changes to a grant made at once from one version, exactly one is put',
    async run({ store }) {
      const grant = sampleGrant('g-1', { createdAt: store.now() })
      await store.grants.put(grant, 0, [])
      const puts = await Promise.all(
        Array.from({ length: 20 }, (_, number) =>
          store.grants.put({ ...grant, version: 2, note: `${number}` }, 1, []),
        ),
      )
      assert.deepEqual(
        puts.filter((put) => put),
        [true],
      )
      assert.equal((await store.grants.get('g-1'))?.note, String(puts.indexOf(true)))
    },
  },
  {
    name: 'active grants are those that can be used, filtered by action and requester',
    async run({ store }) {
      const at = store.now()
      const revoked = { by: { issuer: 'i', subject: 's' }, at, note: '' }
      await store.grants.put(sampleGrant('g-1', { createdAt: at }), 0, [])
      await store.grants.put(sampleGrant('g-2', { createdAt: at, action: 'data.delete' }), 0, [])
      await store.grants.put(sampleGrant('g-3', { createdAt: at, requesterId: 'other' }), 0, [])
      await store.grants.put(sampleGrant('g-4', { createdAt: at, usesLeft: 0 }), 0, [])
      await store.grants.put(sampleGrant('g-5', { createdAt: at, revoked }), 0, [])
      await store.grants.put(sampleGrant('g-6', { createdAt: at - 7_200_000 }), 0, [])
      const active = async (filter: Parameters<typeof store.grants.active>[0]) =>
        [...idsOf(await store.grants.active(filter))].sort()
      assert.deepEqual(await active({}), ['g-1', 'g-2', 'g-3'])
      assert.deepEqual(await active({ action: 'data.export' }), ['g-1', 'g-3'])
      assert.deepEqual(await active({ requesterId: 'ops-bot' }), ['g-1', 'g-2'])
      assert.deepEqual(await active({ action: 'data.export', requesterId: 'other' }), ['g-3'])
    },
  },
  {
    name: 'T21: an identity is linked by issuer and subject, both whole',
    async run({ store }) {
      const person = { issuer: 'https://idp.example.com', subject: '00u1', name: 'Ada', groups: ['ops'] }
      const other = { ...person, subject: '00u2', name: 'Bob' }
      await store.links.put({ issuer: 'slack:T1', subject: 'U1' }, person, sampleReviewer())
      await store.links.put({ issuer: 'slack:T', subject: '1U1' }, other, sampleReviewer())
      assert.deepEqual(await store.links.get({ issuer: 'slack:T1', subject: 'U1' }), person)
      assert.deepEqual(await store.links.get({ issuer: 'slack:T', subject: '1U1' }), other)
      for (const [issuer, subject] of [
        ['slack:T1', 'U2'],
        ['slack:T2', 'U1'],
        ['slack:T1U', '1'],
        ['slack:t1', 'u1'],
        ['', ''],
      ] as const) {
        assert.equal(await store.links.get({ issuer, subject }), null, `${issuer} ${subject}`)
      }
      await store.links.put({ issuer: 'slack:T1', subject: 'U1' }, other, sampleReviewer())
      assert.deepEqual(await store.links.get({ issuer: 'slack:T1', subject: 'U1' }), other)
      await store.links.remove({ issuer: 'slack:T1', subject: 'U1' })
      await store.links.remove({ issuer: 'slack:T1', subject: 'U1' })
      assert.equal(await store.links.get({ issuer: 'slack:T1', subject: 'U1' }), null)
      assert.deepEqual(await store.links.get({ issuer: 'slack:T', subject: '1U1' }), other)
    },
  },
  {
    name: 'T30: so many hits are allowed in a window, and each key counts by itself',
    async run({ store }) {
      for (let hit = 0; hit < 3; hit += 1) {
        assert.equal((await store.counters.hit('k', 3, 60_000)).allowed, true, `hit ${hit + 1} of 3`)
      }
      const refused = await store.counters.hit('k', 3, 60_000)
      assert.equal(refused.allowed, false)
      assert(
        refused.retryAfterMs > 0 && refused.retryAfterMs <= 60_000,
        `retry after ${refused.retryAfterMs} ms`,
      )
      assert.equal((await store.counters.hit('other', 3, 60_000)).allowed, true)
    },
  },
  {
    name: 'T30: of 30 hits made at once, as many are allowed as the limit says',
    async run({ store }) {
      const hits = await Promise.all(Array.from({ length: 30 }, () => store.counters.hit('k', 10, 60_000)))
      assert.equal(hits.filter(({ allowed }) => allowed).length, 10)
    },
  },
  {
    name: 'a refused hit is allowed after the time it was told',
    needs: 'clock',
    async run({ store, advance }) {
      await store.counters.hit('k', 1, 1_000)
      await advance(400)
      const refused = await store.counters.hit('k', 1, 1_000)
      assert.equal(refused.allowed, false)
      await advance(refused.retryAfterMs)
      assert.equal((await store.counters.hit('k', 1, 1_000)).allowed, true)
      assert.equal((await store.counters.hit('k', 1, 1_000)).allowed, false, 'the new window has no limit')
      const longer = await store.counters.hit('k', 1, 60_000)
      assert.equal(longer.allowed, false)
      await advance(longer.retryAfterMs)
      assert.equal((await store.counters.hit('k', 1, 60_000)).allowed, true, 'a longer window than it had')
    },
  },
]
