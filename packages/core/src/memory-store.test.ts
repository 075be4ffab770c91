import { createSample, sampleEvent, sampleMove, sampleRequest } from '@gatewright/testing'
import { describe, expect, test, vi } from 'vitest'
import type { Clock } from './contracts/clock'
import type { ApprovalRequest } from './contracts/request'
import type { ApprovalStore } from './contracts/store'
import { type MemoryStoreOptions, memoryStore } from './memory-store'

// What every store must do is tested by the conformance suite in @gatewright/testing; here is what only this one does.

function standingClock(): Clock & { time: number } {
  return {
    time: 1_000_000,
    now() {
      return this.time
    },
    setTimer: () => ({ cancel() {} }),
  }
}

/** Creates a request, finishes it, and has a log take its events. */
async function finish(
  store: ApprovalStore,
  id: string,
  fields: Partial<ApprovalRequest> = {},
): Promise<void> {
  const request = await createSample(store, id, fields)
  await moveOn(store, request, { status: 'rejected' })
  await store.outbox.published('log', [`${id}/1`, `${id}/2`])
}

async function moveOn(
  store: ApprovalStore,
  from: ApprovalRequest,
  fields: Partial<ApprovalRequest>,
): Promise<ApprovalRequest> {
  const result = await store.transition(sampleMove(from, fields))
  if (!result.applied) throw new Error(result.reason)
  return result.request
}

describe('the memory store forgets', () => {
  test('finished requests but the newest, leaving their tombstones', async () => {
    const store = memoryStore({ maxFinished: 2 })
    for (const id of ['r-1', 'r-2', 'r-3']) await finish(store, id, { key: `key of ${id}` })
    expect(await store.get('r-1')).toBeNull()
    expect((await store.getMany(['r-2', 'r-3'])).length).toBe(2)
    const { argumentsDigest } = sampleRequest('r-1')
    const tombstone = { key: 'key of r-1', requestId: 'r-1', argumentsDigest, status: 'rejected' }
    expect(await store.getByKey('key of r-1')).toEqual(tombstone)
    expect(await store.create(sampleRequest('r-9', { key: 'key of r-1' }), [sampleEvent('r-9', 1)])).toEqual({
      created: false,
      request: null,
      tombstone,
    })
  })

  test('I8: no request that waits, or whose events no log has, however many there are', async () => {
    const store = memoryStore({ maxFinished: 1 })
    for (const id of ['r-1', 'r-2', 'r-3']) {
      const request = await createSample(store, id)
      if (id !== 'r-1') await moveOn(store, request, { status: 'expired' })
    }
    expect((await store.list({})).requests.length).toBe(3)
    await store.outbox.published('log', ['r-1/1', 'r-2/1', 'r-2/2', 'r-3/1', 'r-3/2'])
    expect((await store.list({})).requests.map(({ id }) => id)).toEqual(['r-3', 'r-1'])
  })

  test('a request that was told more starts again as the newest', async () => {
    const store = memoryStore({ maxFinished: 2 })
    await finish(store, 'r-1')
    await finish(store, 'r-2')
    const first = (await store.get('r-1')) as ApprovalRequest
    await moveOn(store, first, { status: 'unknown' })
    await store.outbox.published('log', ['r-1/3'])
    await finish(store, 'r-3')
    expect((await store.list({})).requests.map(({ id }) => id)).toEqual(['r-3', 'r-1'])
  })

  test('I7: no finished request that was told more, until a log has that too', async () => {
    const store = memoryStore({ maxFinished: 1 })
    await finish(store, 'r-1')
    await moveOn(store, (await store.get('r-1')) as ApprovalRequest, { status: 'unknown' })
    await finish(store, 'r-2')
    await finish(store, 'r-3')
    expect((await store.outbox.unpublished({ logId: 'log', limit: 9 })).map(({ id }) => id)).toEqual([
      'r-1/3',
    ])
    expect((await store.list({})).requests.map(({ id }) => id)).toEqual(['r-3', 'r-1'])
  })

  test('all of it at once, with nothing to keep', async () => {
    const store = memoryStore({ maxFinished: 0 })
    await finish(store, 'r-1')
    expect(await store.get('r-1')).toBeNull()
  })

  test('nothing in the middle of a listing: pages go on', async () => {
    const store = memoryStore({ maxFinished: 5 })
    for (let number = 0; number < 30; number += 1) {
      if (number % 3 === 0) await createSample(store, `r-${number}`)
      else await finish(store, `r-${number}`)
    }
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await store.list({}, { cursor, limit: 2 })
      seen.push(...page.requests.map(({ id }) => id))
      cursor = page.cursor
    } while (cursor !== null)
    const finished = ['r-29', 'r-28', 'r-26', 'r-25', 'r-23']
    const waiting = Array.from({ length: 10 }, (_, index) => `r-${27 - 3 * index}`)
    expect(seen).toEqual(
      [...finished, ...waiting].sort((one, other) => Number(other.slice(2)) - Number(one.slice(2))),
    )
  })

  test('decisions that are not among the 20 newest of their kind', async () => {
    const store = memoryStore()
    for (let number = 0; number < 25; number += 1) await finish(store, `r-${number}`)
    const { action, argumentShape } = sampleRequest('any')
    const similar = await store.similar(action, argumentShape, 100)
    expect(similar.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `r-${24 - index}`))
    expect(await store.similar(action, argumentShape, 0)).toEqual([])
  })
})

describe('the memory store’s outbox', () => {
  test('T54: holds a waiting request’s events for other logs, and drops them when it is finished and published', async () => {
    const store = memoryStore()
    const request = await createSample(store, 'r-1')
    await store.outbox.published('log-a', ['r-1/1'])
    const own = (logId: string) => store.outbox.unpublished({ logId, subject: 'r-1', limit: 9 })
    expect((await own('log-b')).length).toBe(1)
    await moveOn(store, request, { status: 'cancelled' })
    expect((await own('log-b')).length).toBe(2)
    await store.outbox.published('log-a', ['r-1/2'])
    expect(await own('log-b')).toEqual([])
  })

  test('starts a chain anew where it stopped, when a finished request is told more', async () => {
    const store = memoryStore()
    await finish(store, 'r-1')
    const stored = (await store.get('r-1')) as ApprovalRequest
    await moveOn(store, stored, { status: 'unknown' })
    expect(
      (await store.outbox.unpublished({ logId: 'b', subject: 'r-1', limit: 9 })).map(({ id }) => id),
    ).toEqual(['r-1/3'])
    await store.outbox.published('b', ['r-1/1', 'r-1/3'])
    expect(await store.outbox.unpublished({ logId: 'c', limit: 9 })).toEqual([])
  })
})

describe('what the memory store holds', () => {
  test('I2: is frozen all the way down, also where a frozen parent holds thawed children', async () => {
    const store = memoryStore()
    const policy = Object.freeze({ effect: 'require', rules: [], requirements: [{ id: 'x' }], hash: '' })
    await createSample(store, 'r-1', { policy } as unknown as Partial<ApprovalRequest>)
    const stored = (await store.get('r-1')) as ApprovalRequest
    expect(Object.isFrozen(stored)).toBe(true)
    expect(Object.isFrozen(stored.policy.requirements[0])).toBe(true)
    const vote = { id: 'v-1', actor: { groups: ['ops'] } }
    const moved = await moveOn(store, stored, { votes: [vote] } as unknown as Partial<ApprovalRequest>)
    expect(Object.isFrozen(moved.votes[0]?.actor.groups)).toBe(true)
    const [event] = await store.outbox.unpublished({ logId: 'log', limit: 1 })
    expect(Object.isFrozen(event?.data.a)).toBe(true)
  })

  test('takes over every field of a request', async () => {
    const fields = [
      'id',
      'version',
      'status',
      'action',
      'arguments',
      'argumentsDigest',
      'parameters',
      'argumentShape',
      'live',
      'edited',
      'presentation',
      'requester',
      'onBehalfOf',
      'intent',
      'origin',
      'context',
      'pins',
      'risk',
      'policy',
      'key',
      'attempt',
      'retryOf',
      'reviewDigest',
      'onOrphan',
      'processId',
      'createdAt',
      'expiresAt',
      'approvedAt',
      'useBefore',
      'dueAt',
      'votes',
      'escalated',
      'stageOpenedAt',
      'reminders',
      'basis',
      'grantId',
      'resolution',
      'execution',
      'outcome',
      'result',
      'lateOutcome',
      'reconciliation',
      'lastEvent',
    ]
    const values = Object.fromEntries(fields.map((field) => [field, field]))
    const request = { ...values, version: 1, lastEvent: { seq: 1, hash: '' } } as unknown as ApprovalRequest
    const store = memoryStore()
    await store.create(request, [sampleEvent('id', 1)])
    expect(await store.get('id')).toEqual(request)
  })
})

describe('the memory store’s feed', () => {
  test('tells of all that changed in one turn at once, each listener by itself', async () => {
    const store = memoryStore()
    const heard = vi.fn()
    const controller = new AbortController()
    store.changes(heard, controller.signal)
    store.changes(heard, new AbortController().signal)
    await Promise.all([
      store.create(sampleRequest('r-1'), [sampleEvent('r-1', 1)]),
      store.create(sampleRequest('r-2'), [sampleEvent('r-2', 1)]),
    ])
    expect(heard.mock.calls).toEqual([[['r-1', 'r-2']], [['r-1', 'r-2']]])
    controller.abort()
    await moveOn(store, sampleRequest('r-1'), {})
    expect(heard.mock.calls.length).toBe(3)
  })

  test('tells after the move was made', async () => {
    const store = memoryStore()
    const versions: (number | undefined)[] = []
    await createSample(store, 'r-1')
    store.changes(async () => versions.push((await store.get('r-1'))?.version), new AbortController().signal)
    await moveOn(store, sampleRequest('r-1'), {})
    await Promise.resolve()
    expect(versions).toEqual([2])
  })

  test('tells nobody of a move that was refused', async () => {
    const store = memoryStore()
    const heard = vi.fn()
    await createSample(store, 'r-1')
    await Promise.resolve()
    store.changes(heard, new AbortController().signal)
    const next = sampleRequest('r-1', { version: 8 })
    await store.transition({ fromVersion: 7, next, events: [] })
    await Promise.resolve()
    expect(heard).not.toHaveBeenCalled()
  })

  test('tells nobody who was made to stop by whoever was told before', async () => {
    const store = memoryStore()
    const heard = vi.fn()
    const second = new AbortController()
    store.changes(() => second.abort(), new AbortController().signal)
    store.changes(heard, second.signal)
    await createSample(store, 'r-1')
    await Promise.resolve()
    expect(heard).not.toHaveBeenCalled()
  })

  test('is silent once the store was closed', async () => {
    const store = memoryStore()
    const heard = vi.fn()
    store.changes(heard, new AbortController().signal)
    const creating = store.create(sampleRequest('r-1'), [sampleEvent('r-1', 1)])
    await store.close()
    await creating
    expect(heard).not.toHaveBeenCalled()
  })
})

describe('the memory store', () => {
  test('T49: lets hits through again when its clock jumps back', async () => {
    const clock = standingClock()
    const store = memoryStore({ clock })
    await store.counters.hit('k', 1, 1_000)
    clock.time -= 3_600_000
    expect(await store.counters.hit('k', 1, 1_000)).toEqual({ allowed: true, retryAfterMs: 0 })
  })

  test('allows no hit where none is allowed', async () => {
    const store = memoryStore({ clock: standingClock() })
    expect(await store.counters.hit('k', 0, 1_000)).toEqual({ allowed: false, retryAfterMs: 1_000 })
    expect((await store.counters.hit('k', 0, 1_000)).allowed).toBe(false)
  })

  test('keeps marks and windows that count when it drops those that are over', async () => {
    const clock = standingClock()
    const store = memoryStore({ clock })
    await store.counters.hit('stays', 1, 3_600_000)
    for (let number = 0; number < 2_500; number += 1) await store.counters.hit(`k-${number}`, 1, 10)
    clock.time += 100
    for (let number = 0; number < 2_500; number += 1) await store.counters.hit(`k-${number}`, 1, 10)
    expect((await store.counters.hit('stays', 1, 3_600_000)).allowed).toBe(false)
    expect((await store.counters.hit('k-2499', 1, 10)).allowed).toBe(false)
  })

  test('keeps no message of a request that it does not have', async () => {
    const store = memoryStore()
    const row = {
      id: 'd-1',
      requestId: 'r-1',
      approver: 'a',
      stages: [],
      status: 'sending',
      attempts: 0,
      nextAttemptAt: 0,
      reference: null,
      reached: 'everyone',
      shownVersion: 1,
      error: null,
    } as const
    await store.deliveries.put(row)
    expect(await store.deliveries.of('r-1')).toEqual([])
    expect(await store.deliveries.due(9)).toEqual([])
  })

  test.each(['', '0', '-1', 'x', '1.5', ' 1', '99999999999999999999'])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect((async () => memoryStore().list({}, { cursor }))()).rejects.toMatchObject({
        option: 'list.cursor',
      })
    },
  )

  test.each([0, -1, 1.5, Number.NaN])('refuses pages of %d', async (limit) => {
    await expect((async () => memoryStore().list({}, { limit }))()).rejects.toMatchObject({
      option: 'list.limit',
    })
  })

  test.each([
    [{ maxFinished: -1 }, 'memoryStore.maxFinished'],
    [{ maxFinished: 0.5 }, 'memoryStore.maxFinished'],
    [{ clock: {} as Clock }, 'memoryStore.clock'],
    [{ maxfinished: 1 }, 'memoryStore.maxfinished'],
  ])('refuses %j', (options, option) => {
    expect(() => memoryStore(options as MemoryStoreOptions)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID', option }),
    )
  })

  test('rejects everything once it was closed', async () => {
    const store = memoryStore()
    await store.close()
    const unavailable = { code: 'ERR_STORE_UNAVAILABLE' }
    await expect((async () => store.get('r-1'))()).rejects.toMatchObject(unavailable)
    await expect((async () => store.leases.live([]))()).rejects.toMatchObject(unavailable)
    await expect((async () => store.counters.hit('k', 1, 1))()).rejects.toMatchObject(unavailable)
    await expect((async () => store.outbox.unpublished({ logId: 'log', limit: 1 }))()).rejects.toMatchObject(
      unavailable,
    )
    expect(() => store.changes(() => {}, new AbortController().signal)).toThrow(
      expect.objectContaining(unavailable),
    )
  })
})
