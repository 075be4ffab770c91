import assert from 'node:assert/strict'
import { type ApprovalStore, GatewrightError, type Transition } from '@gatewright/core'
import { createSample, digest, sampleEvent, sampleGrant, sampleMove, sampleRequest } from '../samples'
import { ending, move, publish } from './store-fixtures'
import type { StoreCase } from './store-harness'

/** What a move hangs on, and what goes with it. */
export const moveCases: readonly StoreCase[] = [
  {
    name: 'a move with a deadline is applied before it and refused after it, by the store’s clock',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const late = await store.transition(sampleMove(request, {}, { notAfter: store.now() - 1_000 }))
      assert.deepEqual(late, { applied: false, reason: 'late', request })
      await move(store, request, { reminders: 1 }, { notAfter: store.now() + 60_000 })
    },
  },
  {
    name: 'a move with a beginning is refused before it and applied after it, by the store’s clock',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const early = await store.transition(sampleMove(request, {}, { notBefore: store.now() + 60_000 }))
      assert.deepEqual(early, { applied: false, reason: 'early', request })
      await move(store, request, { reminders: 1 }, { notBefore: store.now() - 1_000 })
    },
  },
  {
    name: 'a deadline is the last instant at which a move counts, and a beginning the first',
    needs: 'clock',
    async run({ store, advance }) {
      const request = await createSample(store, 'r-1')
      const from = store.now() + 1_000
      assert.equal(reasonOf(await store.transition(sampleMove(request, {}, { notBefore: from }))), 'early')
      await advance(1_000)
      const second = await move(store, request, {}, { notBefore: from, notAfter: from })
      await advance(1)
      assert.equal(reasonOf(await store.transition(sampleMove(second, {}, { notAfter: from }))), 'late')
    },
  },
  {
    name: 'I7: a move that is refused leaves nothing behind: no event, no mark, no used grant, no row',
    async run({ store }) {
      const at = store.now()
      const grant = sampleGrant('g-1', { createdAt: at })
      await store.grants.put(grant, 0, [])
      const request = await createSample(store, 'r-1')
      await publish(store, 'log')
      const with_ = { useGrant: 'g-1', mark: { key: 'm', until: at + 60_000, value: 'x' } }
      const refused: readonly (readonly [string, Transition])[] = [
        ['conflict', sampleMove({ ...request, version: 3 }, {}, with_)],
        ['late', sampleMove(request, {}, { ...with_, notAfter: at - 1_000 })],
        ['early', sampleMove(request, {}, { ...with_, notBefore: at + 60_000 })],
        ['grant', sampleMove(request, {}, { ...with_, useGrant: 'g-2' })],
        ['missing', sampleMove(sampleRequest('r-2', { createdAt: at }), {}, with_)],
      ]
      for (const [reason, transition] of refused) {
        assert.equal(reasonOf(await store.transition(transition)), reason)
        assert.deepEqual(await store.get('r-1'), request, `${reason}: the request changed`)
        assert.equal(await store.counters.mark('m'), null, `${reason}: the mark was set`)
        assert.deepEqual(await store.grants.get('g-1'), grant, `${reason}: the grant was used`)
        assert.deepEqual(await publish(store, 'log'), [], `${reason}: the event was recorded`)
      }
    },
  },
  {
    name: 'I7: a move that is applied takes all of it along: its events, its mark, its use of a grant',
    async run({ store }) {
      const at = store.now()
      await store.grants.put(sampleGrant('g-1', { createdAt: at }), 0, [])
      const request = await createSample(store, 'r-1')
      await publish(store, 'log')
      const mark = { key: 'm', until: at + 60_000, value: 'x' }
      const events = [sampleEvent('r-1', 2), sampleEvent('r-1', 3)]
      const lastEvent = { seq: 3, hash: digest(3) }
      await move(store, request, { lastEvent }, { events, mark, useGrant: 'g-1' })
      assert.deepEqual(await store.counters.mark('m'), mark)
      assert.equal((await store.grants.get('g-1'))?.usesLeft, 1)
      assert.deepEqual(await store.outbox.unpublished({ logId: 'log', limit: 9 }), events)
    },
  },
  {
    name: 'a mark that is set again counts as it was set last',
    async run({ store }) {
      const until = store.now() + 60_000
      const first = await createSample(store, 'r-1')
      const second = await move(store, first, {}, { mark: { key: 'm', until, value: 'x' } })
      const last = { key: 'm', until: until + 60_000, value: 'y' }
      await move(store, second, {}, { mark: last })
      assert.deepEqual(await store.counters.mark('m'), last)
      assert.equal(await store.counters.mark('n'), null)
    },
  },
  {
    name: 'a mark counts until its time, and from then on no longer',
    needs: 'clock',
    async run({ store, advance }) {
      const request = await createSample(store, 'r-1')
      const mark = { key: 'm', until: store.now() + 1_000, value: 'x' }
      await move(store, request, {}, { mark })
      await advance(999)
      assert.deepEqual(await store.counters.mark('m'), mark)
      await advance(1)
      assert.equal(await store.counters.mark('m'), null)
    },
  },
  {
    name: 'I3: a grant with two uses lets two of 20 moves through that are made at once',
    async run({ store }) {
      await store.grants.put(sampleGrant('g-1', { createdAt: store.now() }), 0, [])
      const requests = await Promise.all(
        Array.from({ length: 20 }, (_, number) => createSample(store, `r-${number}`)),
      )
      const results = await Promise.all(
        requests.map((request) => store.transition(sampleMove(request, {}, { useGrant: 'g-1' }))),
      )
      assert.equal(results.filter(({ applied }) => applied).length, 2)
      assert.deepEqual(new Set(results.map(reasonOf)), new Set([null, 'grant']))
      assert.equal((await store.grants.get('g-1'))?.usesLeft, 0)
      assert.deepEqual(await store.grants.active({}), [])
    },
  },
  {
    name: 'I3: a use that was taken cannot be written back by whoever read the grant before',
    async run({ store }) {
      const grant = sampleGrant('g-1', { createdAt: store.now(), usesLeft: 1 })
      await store.grants.put(grant, 0, [])
      await move(store, await createSample(store, 'r-1'), {}, { useGrant: 'g-1' })
      const endorsed = { ...grant, version: grant.version + 1, note: 'endorsed' }
      assert.equal(await store.grants.put(endorsed, grant.version, []), false, 'it was written over the use')
      assert.equal((await store.grants.get('g-1'))?.usesLeft, 0)
    },
  },
  {
    name: 'a grant that is revoked, unknown or used up lets no move through',
    async run({ store }) {
      const at = store.now()
      const revoked = { by: { issuer: 'i', subject: 's' }, at, note: '' }
      await store.grants.put(sampleGrant('g-revoked', { createdAt: at, revoked }), 0, [])
      await store.grants.put(sampleGrant('g-used', { createdAt: at, usesLeft: 0 }), 0, [])
      await store.grants.put(sampleGrant('g-past', { createdAt: at - 7_200_000 }), 0, [])
      const request = await createSample(store, 'r-1')
      for (const useGrant of ['g-revoked', 'g-used', 'g-past', 'g-none']) {
        const result = await store.transition(sampleMove(request, {}, { useGrant }))
        assert.deepEqual(result, { applied: false, reason: 'grant', request }, useGrant)
      }
      assert.deepEqual(await store.grants.active({}), [])
    },
  },
  {
    name: 'a grant lets moves through until it expires, by the store’s clock',
    needs: 'clock',
    async run({ store, advance }) {
      await store.grants.put(
        sampleGrant('g-1', { createdAt: store.now(), expiresAt: store.now() + 1_000 }),
        0,
        [],
      )
      const request = await createSample(store, 'r-1')
      await advance(999)
      const second = await move(store, request, {}, { useGrant: 'g-1' })
      await advance(1)
      assert.equal(reasonOf(await store.transition(sampleMove(second, {}, { useGrant: 'g-1' }))), 'grant')
      assert.equal((await store.grants.get('g-1'))?.usesLeft, 1)
    },
  },
  {
    name: 'a move to any version but the next is refused as illegal, and changes nothing',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      for (const version of [0, 1, 3, 99]) await refuses(store, sampleMove(request, { version }))
      assert.deepEqual(await store.get('r-1'), request)
      assert.deepEqual(await publish(store, 'log'), ['r-1/1'])
    },
  },
  {
    name: 'events that leave a gap, repeat, or belong to another subject are refused as illegal, with their move',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const moved = (events: Transition['events'], seq: number) =>
        sampleMove(request, { lastEvent: { seq, hash: digest(seq) } }, { events })
      await refuses(store, moved([sampleEvent('r-1', 3)], 3))
      await refuses(store, moved([sampleEvent('r-1', 1)], 1))
      await refuses(store, moved([sampleEvent('r-1', 2), sampleEvent('r-1', 4)], 4))
      await refuses(store, moved([sampleEvent('r-1', 3), sampleEvent('r-1', 2)], 3))
      await refuses(store, moved([sampleEvent('r-9', 2)], 2))
      await refuses(store, moved([sampleEvent('r-1', 2)], 3))
      assert.deepEqual(await store.get('r-1'), request)
      assert.deepEqual(await publish(store, 'log'), ['r-1/1'])
    },
  },
  {
    name: 'a request that begins with another version, or with a gap, is refused as illegal',
    async run({ store }) {
      const at = store.now()
      await assert.rejects(
        async () =>
          store.create(sampleRequest('r-1', { createdAt: at, version: 2 }), [sampleEvent('r-1', 1)]),
        isIllegal,
      )
      await assert.rejects(
        async () => store.create(sampleRequest('r-1', { createdAt: at }), [sampleEvent('r-1', 2)]),
        isIllegal,
      )
      await assert.rejects(async () => store.create(sampleRequest('r-1', { createdAt: at }), []), isIllegal)
      assert.equal(await store.get('r-1'), null)
      assert.deepEqual(await publish(store, 'log'), [])
    },
  },
  {
    name: 'a finished request can still be told what became of it',
    async run({ store }) {
      const request = await createSample(store, 'r-1')
      const unknown = await move(store, request, ending('unknown', store.now()))
      await publish(store, 'log')
      const told = await move(store, unknown, { result: '"late"' })
      assert.deepEqual(await store.get('r-1'), told)
      assert.deepEqual(await publish(store, 'log'), ['r-1/3'])
    },
  },
]

function reasonOf(result: Awaited<ReturnType<ApprovalStore['transition']>>): string | null {
  return result.applied ? null : result.reason
}

async function refuses(store: ApprovalStore, transition: Transition): Promise<void> {
  await assert.rejects(async () => store.transition(transition), isIllegal)
}

function isIllegal(error: unknown): boolean {
  return GatewrightError.isInstance(error) && error.code === 'ERR_TRANSITION_ILLEGAL'
}
