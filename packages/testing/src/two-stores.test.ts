import { type ApprovalRequest, type ApprovalStore, memoryStore } from '@gatewright/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { approval, ending, idsOf } from './conformance/store-fixtures'
import { type FakeClock, fakeClock } from './fake-clock'
import { sampleDelivery, sampleEvent, sampleGrant, sampleMove, sampleRequest } from './samples'
import { serialisingStore } from './serialising-store'

// Two stores that share no code give the same answers, whatever is done to them.

/** Does something to a store, and answers with what there is to compare. */
type Step = (store: ApprovalStore, clock: FakeClock) => Promise<unknown>

const id = fc.integer({ min: 0, max: 5 }).map((number) => `r-${number}`)
const log = fc.constantFrom('log-a', 'log-b')
const offset = fc.constantFrom(-2_000, -1, 0, 1, 2_000)

const create = fc.record({ id, key: fc.constantFrom(null, 'k-1', 'k-2'), due: offset }).map(
  ({ id, key, due }): Step =>
    async (store, clock) => {
      // An id is made once, later than those before it, as engines make them.
      const own = `${clock.now()}-${id}`
      const dueAt = clock.now() + due
      return store.create(sampleRequest(own, { createdAt: clock.now(), key, dueAt, action: id }), [
        sampleEvent(own, 1),
      ])
    },
)

const change = fc.record({
  pick: fc.nat(20),
  to: fc.constantFrom('stays', 'approved', 'rejected', 'succeeded', 'unknown'),
  stale: fc.boolean(),
  notAfter: fc.option(offset, { nil: undefined }),
  notBefore: fc.option(offset, { nil: undefined }),
  useGrant: fc.constantFrom(undefined, 'g-1', 'g-9'),
  mark: fc.boolean(),
})

const transition = change.map(
  ({ pick, to, stale, notAfter, notBefore, useGrant, mark }): Step =>
    async (store, clock) => {
      const request = await pickOne(store, pick)
      if (request === null) return null
      const at = clock.now()
      const fields = to === 'stays' ? {} : to === 'approved' ? approval(at) : ending(to, at)
      const from = stale ? { ...request, version: Math.max(1, request.version - 1) } : request
      return store.transition(
        sampleMove(from, fields, {
          ...(notAfter === undefined ? {} : { notAfter: at + notAfter }),
          ...(notBefore === undefined ? {} : { notBefore: at + notBefore }),
          ...(useGrant === undefined ? {} : { useGrant }),
          ...(mark ? { mark: { key: 'm', until: at + 1_000, value: request.id } } : {}),
        }),
      )
    },
)

const publish = fc.record({ log, limit: fc.integer({ min: 1, max: 5 }), take: fc.nat(5) }).map(
  ({ log, limit, take }): Step =>
    async (store) => {
      const events = await store.outbox.unpublished({ logId: log, limit })
      await store.outbox.published(log, idsOf(events).slice(take % (events.length + 1)))
      return events
    },
)

const publishChain = fc.record({ pick: fc.nat(20), log }).map(
  ({ pick, log }): Step =>
    async (store) => {
      const request = await pickOne(store, pick)
      // Of what is finished, stores may drop events at different times.
      if (request === null || !['pending', 'approved'].includes(request.status)) return null
      const events = await store.outbox.unpublished({ logId: log, subject: request.id, limit: 3 })
      await store.outbox.published(log, idsOf(events))
      return events
    },
)

const other: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 1_500 }).map(
    (ms): Step =>
      async (_, clock) =>
        clock.advance(ms),
  ),
  fc.nat(20).map(
    (pick): Step =>
      async (store) => {
        const request = await pickOne(store, pick)
        return request && store.forget(request.id)
      },
  ),
  fc
    .record({
      limit: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom('pending', 'rejected', undefined),
    })
    .map(
      ({ limit, status }): Step =>
        async (store) =>
          pages(store, status === undefined ? {} : { status }, limit),
    ),
  fc.integer({ min: 1, max: 3 }).map(
    (limit): Step =>
      async (store) =>
        store.due(limit),
  ),
  id.map(
    (action): Step =>
      async (store) =>
        store.similar(action, '[{"rows":"number"}]', 3),
  ),
  fc.constantFrom('k-1', 'k-2', 'k-3').map(
    (key): Step =>
      async (store) =>
        store.getByKey(key),
  ),
  fc.constant<Step>(async (store) => store.counters.mark('m')),
  fc.constant<Step>(async (store) => store.counters.hit('h', 2, 1_000)),
  fc.record({ pick: fc.nat(20), next: offset }).map(
    ({ pick, next }): Step =>
      async (store, clock) => {
        const request = await pickOne(store, pick)
        if (request === null) return null
        const row = sampleDelivery(`d-${pick}-${request.id}`, request.id, {
          nextAttemptAt: clock.now() + next,
        })
        await store.deliveries.put(row)
        return [
          await store.deliveries.of(request.id),
          (await store.deliveries.due(9)).map(({ nextAttemptAt }) => nextAttemptAt),
        ]
      },
  ),
  fc.record({ from: fc.integer({ min: 0, max: 3 }), usesLeft: fc.nat(2) }).map(
    ({ from, usesLeft }): Step =>
      async (store) => {
        const put = await store.grants.put(
          sampleGrant('g-1', { createdAt: 0, version: from + 1, usesLeft, expiresAt: 1e15 }),
          from,
          [],
        )
        return [put, await store.grants.get('g-1'), await store.grants.active({})]
      },
  ),
  fc.constant<Step>(async (store) => {
    await store.leases.renew('p-1', 1_000)
    return store.leases.live(['p-1', 'p-2'])
  }),
)

const step = fc.oneof(
  { weight: 4, arbitrary: create },
  { weight: 6, arbitrary: transition },
  { weight: 3, arbitrary: publish },
  { weight: 2, arbitrary: publishChain },
  { weight: 8, arbitrary: other },
)

test('the memory store and the serialising store answer alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const clocks = [fakeClock(), fakeClock()] as const
      const [one, other] = [memoryStore({ clock: clocks[0] }), serialisingStore({ clock: clocks[1] })]
      for (const step of steps) {
        // Time moves on, so that ids made one after the other differ.
        for (const clock of clocks) clock.setNow(clock.now() + 1)
        const [answer, expected] = [await step(one, clocks[0]), await step(other, clocks[1])]
        expect(plain(answer)).toEqual(plain(expected))
      }
      expect(plain(await pages(one, {}, 7))).toEqual(plain(await pages(other, {}, 100)))
    }),
    { numRuns: 150 },
  )
})

async function pickOne(store: ApprovalStore, pick: number): Promise<ApprovalRequest | null> {
  const { requests } = await store.list({}, { limit: 50 })
  return requests[pick % Math.max(1, requests.length)] ?? null
}

async function pages(
  store: ApprovalStore,
  filter: { status?: 'pending' | 'rejected' },
  limit: number,
): Promise<readonly ApprovalRequest[]> {
  const all: ApprovalRequest[] = []
  let cursor: string | null = null
  do {
    const page = await store.list(filter, { cursor, limit })
    all.push(...page.requests)
    cursor = page.cursor
  } while (cursor !== null)
  return all
}

function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}
