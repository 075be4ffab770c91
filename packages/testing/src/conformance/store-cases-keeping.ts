import assert from 'node:assert/strict'
import type { ApprovalStore } from '@gatewright/core'
import {
  createSample,
  digest,
  sampleDelivery,
  sampleEvent,
  sampleGrant,
  sampleLease,
  sampleMove,
  sampleRequest,
  sampleReviewer,
  sampleVote,
} from '../samples'
import { ending, idsOf, move, publish } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** What is kept stays as it is, and is there after a restart. */
export const keepingCases: readonly StoreCase[] = [
  {
    name: 'I2: changing what was handed in, or what was answered, changes nothing that is stored',
    async run({ store }) {
      const at = store.now()
      const created = sampleRequest('r-1', {
        createdAt: at,
        key: digest(10),
        votes: [sampleVote('v-1', { at })],
      })
      const firstEvents = [sampleEvent('r-1', 1)]
      const transition = sampleMove(structuredClone(created), {
        votes: [sampleVote('v-1', { at }), sampleVote('v-2', { at })],
        reminders: 1,
      })
      const original = structuredClone({ created, transition, firstEvents })
      const answer = await store.create(created, firstEvents)
      spoil(created, answer, firstEvents)
      assert.deepEqual(await store.get('r-1'), original.created, 'the request changed')
      const moved = await store.transition(transition)
      spoil(transition, moved)
      const { next, events } = original.transition
      assert.deepEqual(await store.get('r-1'), next, 'the moved request changed')
      for (const read of readings(store)) spoil(await read())
      for (const read of readings(store))
        assert.deepEqual((await read())[0], next, 'an answer was the stored object')
      spoil(await store.outbox.unpublished({ logId: 'log', limit: 9 }))
      spoil(await store.outbox.unpublished({ logId: 'log', subject: 'r-1', limit: 9 }))
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), [
        ...original.firstEvents,
        ...events,
      ])
    },
  },
  {
    name: 'changing a row that was handed in, or answered, changes nothing that is stored',
    async run({ store }) {
      const at = store.now()
      const delivery = sampleDelivery('d-1', 'r-1', { nextAttemptAt: at - 1 })
      const grant = sampleGrant('g-1', { createdAt: at })
      const lease = sampleLease('c-1', { createdAt: at })
      const person = { issuer: 'i', subject: 's', name: 'Ada', groups: ['ops'] }
      const identity = { issuer: 'slack:T1', subject: 'U1' }
      const original = structuredClone({ delivery, grant, lease, person })
      await createSample(store, 'r-1')
      await store.deliveries.put(delivery)
      await store.grants.put(grant, 0, [])
      await store.credentials.put(lease)
      await store.links.put(identity, person, sampleReviewer())
      spoil(delivery, grant, lease, person)
      for (let round = 0; round < 2; round += 1) {
        const held = {
          deliveries: [await store.deliveries.of('r-1'), await store.deliveries.due(9)],
          grants: [await store.grants.get('g-1'), ...(await store.grants.active({}))],
          leases: await store.credentials.list(9),
          person: await store.links.get({ issuer: 'slack:T1', subject: 'U1' }),
        }
        assert.deepEqual(held, {
          deliveries: [[original.delivery], [original.delivery]],
          grants: [original.grant, original.grant],
          leases: [original.lease],
          person: original.person,
        })
        spoil(held.deliveries, held.grants, held.leases, held.person)
      }
    },
  },
  {
    name: 'every kind of text survives: other scripts, controls, quotes, and half a surrogate pair',
    async run({ store }) {
      const text = `Ünïcödé 漢字 עברית 👩‍👩‍👧 \u0000\u0001\u001f\u2028\u2029\ufeff\u202e '";-- \\ \ud800 end %_\n\r\t`
      const fields = {
        key: text,
        intent: text,
        arguments: JSON.stringify([text]),
        requester: { id: text, name: text, owner: null },
        pins: { [text]: text, ['__proto__' as string]: 'own' },
      }
      const request = sampleRequest('r-1', { createdAt: store.now(), ...fields })
      const event = { ...sampleEvent('r-1', 1), data: { [text]: text } }
      await store.create(request, [event])
      assert.deepEqual(await store.get('r-1'), request)
      assert.deepEqual(await store.getByKey(text), request)
      assert.deepEqual(idsOf((await store.list({ requesterId: text })).requests), ['r-1'])
      assert.deepEqual(await store.outbox.unpublished({ logId: text, limit: 9 }), [event])
      const moved = await move(
        store,
        request,
        {},
        { mark: { key: text, until: store.now() + 60_000, value: text } },
      )
      assert.equal((await store.counters.mark(text))?.value, text)
      assert.equal(moved.intent, text)
    },
  },
  {
    name: 'what stands behind the commitments of an event is kept with it',
    async run({ store }) {
      const openings = [{ pointer: '/note', salt: 'c2FsdA==', value: ['Ada', { email: 'ada@example.com' }] }]
      const request = sampleRequest('r-1', { createdAt: store.now() })
      const event = { ...sampleEvent('r-1', 1), openings }
      await store.create(request, [event])
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), [event])
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', subject: 'r-1', limit: 9 }), [event])
    },
  },
  {
    name: 'arguments of a megabyte, and their events, are kept whole',
    async run({ store }) {
      const long = JSON.stringify(['漢'.repeat(350_000)])
      const request = sampleRequest('r-1', { createdAt: store.now(), arguments: long })
      const event = { ...sampleEvent('r-1', 1), data: { arguments: long } }
      await store.create(request, [event])
      const transition = sampleMove(request, { intent: 'x'.repeat(1_000_000) })
      await store.transition(transition)
      assert.deepEqual(await store.get('r-1'), transition.next)
      assert.deepEqual((await store.outbox.unpublished({ logId: 'log', limit: 1 }))[0], event)
    },
  },
  {
    name: 'times far away and fractions are kept exactly',
    async run({ store }) {
      const risk = { score: 0.1 + 0.2, level: 'low', reasons: [], failed: [] } as const
      const fields = {
        expiresAt: Number.MAX_SAFE_INTEGER,
        dueAt: 8_640_000_000_000_000,
        stageOpenedAt: 0,
        risk,
      }
      const request = await createSample(store, 'r-1', fields)
      assert.deepEqual(await store.get('r-1'), request)
      assert.equal((await store.due(9)).nextAt, 8_640_000_000_000_000)
    },
  },
  {
    name: 'the store’s time stands or goes forwards with the clock',
    needs: 'clock',
    async run({ store, advance }) {
      const before = store.now()
      await advance(5_000)
      const passed = store.now() - before
      assert(passed >= 4_900 && passed <= 6_000, `of 5,000 ms, ${passed} passed`)
    },
  },
  {
    name: 'closing is idempotent, and what is closed acknowledges and answers nothing more',
    async run({ store }) {
      await createSample(store, 'r-1')
      await store.close()
      await store.close()
      await assert.rejects(async () =>
        store.create(sampleRequest('r-2', { createdAt: 0 }), [sampleEvent('r-2', 1)]),
      )
      await assert.rejects(async () => store.transition(sampleMove(sampleRequest('r-1', { createdAt: 0 }))))
      await assert.rejects(async () => store.outbox.record([sampleEvent('s-1', 1)]))
      await assert.rejects(async () => store.get('r-1'))
      await assert.rejects(async () => store.outbox.unpublished({ logId: 'log', limit: 1 }))
    },
  },
  {
    name: 'I8: a restart finds everything that was acknowledged',
    needs: 'reopen',
    async run({ store, reopen }) {
      const at = store.now()
      const mark = { key: 'm', until: at + 3_600_000, value: 'x' }
      const request = await createSample(store, 'r-1', { key: digest(10) })
      const moved = await move(store, request, { reminders: 1 }, { mark })
      await store.outbox.published('log-a', ['r-1/1'])
      const gone = await createSample(store, 'r-2', { key: digest(11) })
      await move(store, gone, ending('expired', at))
      await publish(store, 'log-b', 'r-2')
      await store.forget('r-2')
      await store.outbox.record([sampleEvent('s-1', 1)])
      await store.deliveries.put(sampleDelivery('d-1', 'r-1'))
      await store.leases.renew('p-1', 3_600_000)
      await store.credentials.put(sampleLease('c-1', { createdAt: at }))
      await store.grants.put(sampleGrant('g-1', { createdAt: at }), 0, [])
      await store.links.put({ issuer: 'slack:T1', subject: 'U1' }, sampleReviewer(), sampleReviewer())
      await store.counters.hit('k', 1, 3_600_000)

      const again = await reopen()
      assert.deepEqual(await again.get('r-1'), moved)
      assert.deepEqual(await again.getByKey(digest(10)), moved)
      const tombstone = await again.getByKey(digest(11))
      assert.equal(tombstone && 'requestId' in tombstone && tombstone.requestId, 'r-2')
      assert.deepEqual(idsOf(await again.outbox.unpublished({ logId: 'log-a', limit: 9 })), [
        'r-1/2',
        's-1/1',
      ])
      assert.deepEqual(idsOf(await again.outbox.unpublished({ logId: 'log-a', subject: 'r-1', limit: 9 })), [
        'r-1/2',
      ])
      assert.deepEqual(await again.counters.mark('m'), mark)
      assert.deepEqual(await again.deliveries.of('r-1'), [sampleDelivery('d-1', 'r-1')])
      assert.deepEqual(await again.leases.live(['p-1']), ['p-1'])
      assert.deepEqual(await again.credentials.list(9), [sampleLease('c-1', { createdAt: at })])
      assert.deepEqual(await again.grants.get('g-1'), sampleGrant('g-1', { createdAt: at }))
      assert.equal(
        (await again.links.get({ issuer: 'slack:T1', subject: 'U1' }))?.subject,
        sampleReviewer().subject,
      )
      assert.equal((await again.counters.hit('k', 1, 3_600_000)).allowed, false)
      await move(again, moved, { reminders: 2 })
    },
  },
  {
    name: 'I3: of moves that two processes make at once from one version, exactly one is applied',
    needs: 'another',
    async run({ store, another }) {
      const other = await another()
      const request = await createSample(store, 'r-1')
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, number) =>
          (number % 2 === 0 ? store : other).transition(sampleMove(request, { reminders: number })),
        ),
      )
      assert.equal(results.filter(({ applied }) => applied).length, 1)
      assert.deepEqual(await store.get('r-1'), await other.get('r-1'))
    },
  },
]

/** Every way to read the only request. */
function readings(store: ApprovalStore): readonly (() => Promise<readonly unknown[]>)[] {
  return [
    async () => [await store.get('r-1')],
    async () => await store.getMany(['r-1']),
    async () => [await store.getByKey(digest(10))],
    async () => (await store.list({})).requests,
  ]
}

/** Changes whatever lets itself be changed. A store may guard what it holds by freezing it, or by copying it. */
function spoil(...values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== 'object' || value === null) continue
    spoil(...Object.values(value))
    for (const key of Object.keys(value)) Reflect.set(value, key, 'spoilt')
    Reflect.set(value, 'spoilt', 'spoilt')
  }
}
