import { isFinished } from '@gatewright/core'
import { sampleDelivery, sampleEvent, sampleGrant, sampleLease, sampleReviewer } from '@gatewright/testing'
import fc from 'fast-check'
import { ACTIONS, offset, pick } from './names'
import { ordered, pickOne, type Run, type Step, step } from './run'

const LOGS = ['log-a', 'LOG-A', 'log\0'] as const
const GRANTS = ['g-1', 'g-2'] as const
const SUBJECTS = ['s-1', 's-2'] as const

const log = fc.constantFrom(...LOGS)
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)

const publish = step(
  'publish',
  fc.record({ log, limit: fc.integer({ min: 1, max: 6 }), skip: fc.nat(6) }),
  async ({ store }, { log, limit, skip }) => {
    const events = await store.outbox.unpublished({ logId: log, limit })
    await store.outbox.published(log, [
      ...idsOf(events).slice(skip % (events.length + 1)),
      'r-never/1',
      '/',
      'x',
    ])
    return events
  },
)

const publishAll = step('publish all', log, async ({ store }, log) => {
  const events = await store.outbox.unpublished({ logId: log, limit: 1_000 })
  await store.outbox.published(log, idsOf(events))
  return events
})

const publishChain = step(
  'publish a chain',
  fc.record({ pick, log, limit: fc.integer({ min: 1, max: 4 }) }),
  async (run, { pick, log, limit }) => {
    // Of what is finished, stores may drop events at different times.
    const request = await pickOne(run, pick, (one) => !isFinished(one))
    if (request === null) return null
    const events = await run.store.outbox.unpublished({ logId: log, subject: request.id, limit })
    await run.store.outbox.published(log, idsOf(events))
    return events
  },
)

const record = step(
  'record',
  fc.record({
    subject: fc.constantFrom(...SUBJECTS),
    from: fc.nat(9),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  async (run, { subject, from, count }) => {
    const head = run.heads.get(subject) ?? 0
    const waiting = await waitingOf(run, subject)
    // Once a log has some of them, stores may forget that they were there: then only what follows is sure.
    const first = head > 0 && waiting.length === head ? 1 + (from % (head + 2)) : head + 1
    const events = Array.from({ length: count }, (_, index) => sampleEvent(subject, first + index))
    await run.store.outbox.record(events)
    run.heads.set(subject, Math.max(head, first + count - 1))
    return waitingOf(run, subject)
  },
)

async function waitingOf({ store }: Run, subject: string) {
  const events = await store.outbox.unpublished({ logId: 'log-z', limit: 1_000 })
  return events.filter((event) => event.subject === subject)
}

const recordForRequest = step('record for a request', pick, async (run, one) => {
  const request = await pickOne(run, one)
  // Of what was forgotten, stores know nothing.
  if (request === null) return null
  return run.store.outbox.record([sampleEvent(request.id, request.lastEvent.seq + 1)])
})

const deliver = step(
  'deliver',
  fc.record({
    id: fc.constantFrom('d-1', 'd-2', 'd-3'),
    pick,
    next: fc.option(offset),
    status: fc.constantFrom('sending', 'delivered', 'failed', 'folded'),
  }),
  async (run, { id, pick, next, status }) => {
    // Rows of requests that are not there may be kept, or not.
    const request = await pickOne(run, pick)
    if (request === null) return null
    const nextAttemptAt = next === null ? null : run.clock.now() + next
    await run.store.deliveries.put(sampleDelivery(id, request.id, { nextAttemptAt, status }))
    return deliveriesOf(run)
  },
)

async function deliveriesOf({ store, ids }: Pick<Run, 'store' | 'ids'>): Promise<unknown> {
  const due = await store.deliveries.due(100)
  return {
    of: await Promise.all(ids.map(async (id) => ordered(await store.deliveries.of(id)))),
    times: due.map(({ nextAttemptAt }) => nextAttemptAt),
    due: ordered(due),
    first: (await store.deliveries.due(1)).map(({ nextAttemptAt }) => nextAttemptAt),
    rest: (await store.deliveries.due(100, due.at(0))).map(({ nextAttemptAt }) => nextAttemptAt),
  }
}

const grant = step(
  'grant',
  fc.record({
    id: fc.constantFrom(...GRANTS),
    behind: fc.constantFrom(0, 0, 0, 0, 0, 1),
    usesLeft: fc.nat(3),
    expires: fc.constantFrom(0, 10, 25, 3_000, 1e9, 1e9, 1e9),
    revoked: fc.constantFrom(false, false, false, true),
    action: fc.constantFrom(...ACTIONS),
    skips: fc.constantFrom(1, 1, 1, 1, 1, 2),
    event: fc.boolean(),
  }),
  async ({ store, clock, heads }, { id, behind, usesLeft, expires, revoked, action, skips, event }) => {
    const from = Math.max(0, ((await store.grants.get(id))?.version ?? 0) - behind)
    const at = clock.now()
    const next = sampleGrant(id, {
      version: from + skips,
      createdAt: at,
      action,
      usesLeft,
      expiresAt: at + expires,
      revoked: revoked ? { by: sampleReviewer(), at, reason: 'over' } : null,
    } as Parameters<typeof sampleGrant>[1])
    const seq = (heads.get(id) ?? 0) + 1
    const put = await store.grants.put(next, from, event ? [sampleEvent(id, seq)] : [])
    if (put && event) heads.set(id, seq)
    return put
  },
)

const grants = step('grants', fc.constantFrom(...ACTIONS), async ({ store }, action) => [
  await Promise.all([...GRANTS, 'g-9'].map((id) => store.grants.get(id))),
  ordered(await store.grants.active({})),
  ordered(await store.grants.active({ action, requesterId: 'ops-bot' })),
  await store.grants.active({ requesterId: 'OPS-BOT' }),
])

const lease = step(
  'lease',
  fc.record({ process: fc.constantFrom('p-1', 'P-1', 'p\0'), forMs: fc.constantFrom(null, 0, 5, 10, 2_000) }),
  async ({ store }, { process, forMs }) => {
    if (forMs === null) await store.leases.release(process)
    else await store.leases.renew(process, forMs)
    return ordered(await store.leases.live(['p-1', 'P-1', 'p\0', 'p-9']))
  },
)

const credential = step(
  'credential',
  fc.record({
    id: fc.constantFrom('c-1', 'c-2'),
    handle: fc.constantFrom(null, 'handle'),
    remove: fc.boolean(),
  }),
  async ({ store, clock }, { id, handle, remove }) => {
    if (remove) await store.credentials.remove(id)
    else await store.credentials.put(sampleLease(id, { handle, createdAt: clock.now() }))
    return ordered(await store.credentials.list(9))
  },
)

const link = step(
  'link',
  fc.record({ subject: fc.constantFrom('U1', 'u1', 'U\0'), to: fc.constantFrom(null, '1', '2') }),
  async ({ store }, { subject, to }) => {
    const person = sampleReviewer()
    if (to === null) await store.links.remove({ issuer: 'i', subject })
    else await store.links.put({ issuer: 'i', subject }, { ...person, subject: to }, person)
    return Promise.all(['U1', 'u1', 'U\0', '1'].map((one) => store.links.get({ issuer: 'i', subject: one })))
  },
)

const hit = step(
  'hit',
  fc.record({ key: fc.constantFrom('h', 'H'), limit: fc.integer({ min: 1, max: 3 }) }),
  async ({ store }, { key, limit }) => store.counters.hit(key, limit, key === 'h' ? 10 : 1_000),
)

const mark = step('mark', fc.constantFrom('m-1', 'M-1'), async ({ store }, key) => store.counters.mark(key))

/** What is done to the outbox and to the rows beside the requests. */
export const rowSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: publish },
  { weight: 5, arbitrary: publishAll },
  { weight: 4, arbitrary: publishChain },
  { weight: 2, arbitrary: record },
  { weight: 1, arbitrary: recordForRequest },
  { weight: 2, arbitrary: deliver },
  { weight: 4, arbitrary: grant },
  { weight: 1, arbitrary: grants },
  { weight: 1, arbitrary: lease },
  { weight: 1, arbitrary: credential },
  { weight: 1, arbitrary: link },
  { weight: 1, arbitrary: hit },
  { weight: 1, arbitrary: mark },
)

/** All that can be seen of the outbox and the other rows, but for the chains of what is finished. */
export async function rowsOf({ store, ids }: Run): Promise<unknown> {
  const open = (await Promise.all(ids.map((id) => store.get(id)))).flatMap((request) =>
    request === null || isFinished(request) ? [] : request.id,
  )
  return {
    waiting: await store.outbox.unpublished({ logId: 'log-z', limit: 1_000 }),
    chains: await Promise.all(
      open.flatMap((subject) =>
        LOGS.map(async (logId) => store.outbox.unpublished({ logId, subject, limit: 100 })),
      ),
    ),
    deliveries: await deliveriesOf({ store, ids }),
    grants: await Promise.all(GRANTS.map((id) => store.grants.get(id))),
    credentials: ordered(await store.credentials.list(9)),
  }
}
