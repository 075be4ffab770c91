import { type ApprovalRequest, isDecided, type RequestStatus } from '@gatewright/core'
import fc from 'fast-check'
import { requestStatistics } from '../../../packages/core/src/review/statistics'
import { ACTIONS, action, KEYS, key, limit, pick, REQUESTERS, SHAPES, shape } from './names'
import { NEXT } from './request-steps'
import { allPages, idOf, ordered, pickOne, type Run, rarely, type Step, step } from './run'

const find = step('find', fc.record({ one: pick, other: pick, key }), async ({ store, ids }, given) => [
  await store.get(idOf(ids, given.one)),
  ordered(await store.getMany([...new Set([idOf(ids, given.one), idOf(ids, given.other), 'r-never'])])),
  await store.getByKey(given.key),
])

const STATUSES = Object.keys(NEXT) as readonly RequestStatus[]
const filter = fc
  .record({
    status: rarely(fc.oneof(fc.constantFrom('pending', 'approved'), fc.subarray([...STATUSES]))),
    action: rarely(action),
    argumentShape: rarely(shape),
    requesterId: rarely(fc.constantFrom(...REQUESTERS)),
    runId: rarely(fc.constantFrom('run', 'RUN')),
    after: rarely(pick),
    before: rarely(pick),
  })
  .map(({ after, before, ...texts }) => ({ after, before, texts: given(texts) }))

/** Without the filters that are `null`. */
function given<T extends object>(fields: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as {
    [Name in keyof T]?: NonNullable<T[Name]>
  }
}

async function filterOf(
  run: Run,
  { after, before, texts }: typeof filter extends fc.Arbitrary<infer T> ? T : never,
) {
  const createdAfter = after === null ? null : ((await pickOne(run, after))?.createdAt ?? null)
  const createdBefore = before === null ? null : ((await pickOne(run, before))?.createdAt ?? null)
  return { ...texts, ...given({ createdAfter, createdBefore }) }
}

const list = step('list', fc.record({ filter, limit }), async (run, asked) =>
  allPages(run.store, await filterOf(run, asked.filter), asked.limit),
)

const begin = step('begin a listing', fc.record({ filter, limit }), async (run, asked) => {
  const wanted = await filterOf(run, asked.filter)
  const { requests, cursor } = await run.store.list(wanted, { limit: asked.limit })
  run.listings.push({ filter: wanted, cursor })
  return { requests, more: cursor !== null }
})

const goOn = step(
  'go on listing',
  fc.record({ pick, limit }),
  async ({ store, listings }, { pick, limit }) => {
    const begun = listings[pick % Math.max(1, listings.length)]
    if (begun === undefined || begun.cursor === null) return null
    const { requests, cursor } = await store.list(begun.filter, { cursor: begun.cursor, limit })
    begun.cursor = cursor
    return { requests, more: cursor !== null }
  },
)

const due = step('due', limit, async ({ store }, most) => store.due(most))

const similar = step('similar', fc.record({ action, shape, limit }), async ({ store }, asked) => {
  const all = await store.similar(asked.action, asked.shape, 20)
  return {
    all: ordered(all),
    decided: all.every(isDecided),
    // By when they were decided, or created: which of the two is up to the store.
    newestFirst: isDescending(all.map(decidedAt)) || isDescending(all.map(({ createdAt }) => createdAt)),
    few:
      idsOf(await store.similar(asked.action, asked.shape, asked.limit)).join() ===
      idsOf(all.slice(0, asked.limit)).join(),
  }
})

const idsOf = (requests: readonly ApprovalRequest[]) => requests.map(({ id }) => id)
const decidedAt = ({ approvedAt, resolution }: ApprovalRequest) => approvedAt ?? resolution?.at ?? 0
const isDescending = (times: readonly number[]) =>
  times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0))

const statistics = step(
  'statistics',
  fc.record({ action: rarely(action), most: limit }),
  async (run, asked) =>
    requestStatistics(run.store, { most: asked.most, ...given({ action: asked.action }) }),
)

/** What is asked about requests. */
export const findSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: find },
  { weight: 3, arbitrary: list },
  { weight: 2, arbitrary: begin },
  { weight: 2, arbitrary: goOn },
  { weight: 2, arbitrary: due },
  { weight: 2, arbitrary: similar },
  { weight: 1, arbitrary: statistics },
)

/** All that can be seen of requests. */
export async function everythingOf({ store, ids }: Run): Promise<unknown> {
  return {
    listed: await allPages(store, {}, 7),
    byKey: await Promise.all(KEYS.map((one) => store.getByKey(one))),
    due: await store.due(100),
    forgotten: (await Promise.all(ids.map((id) => store.get(id)))).map((request) => request === null),
    similar: await Promise.all(ACTIONS.map(async (one) => ordered(await store.similar(one, SHAPES[0], 20)))),
  }
}
