import {
  type ApprovalStore,
  type Approver,
  type GateOptions,
  GatewrightError,
  group,
  memoryStore,
  type ReviewDocument,
} from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, desk, type Scene, scene, settle, wired } from '../../test/scene'
import { notebook } from '../../test/scene/notebook'
import type { Engine } from './engine'
import { createStaleMessages } from './stale-messages'

/** A channel whose updates may fail. It remembers what its messages show, and how often it was asked. */
function channel(name = 'desk') {
  const tried: { readonly at: number; readonly id: string }[] = []
  const shows = new Map<string, string>()
  const state = {
    tried,
    shows,
    now: (): number => 0,
    wait: async (_ms: number): Promise<void> => {},
    delayMs: 0,
    fail: null as ((review: ReviewDocument, message: string) => Error | 'hang' | null) | null,
  }
  const update: Approver['update'] = async (review, { id }) => {
    tried.push({ at: state.now(), id: review.requestId })
    const failure = state.fail?.(review, id) ?? null
    if (failure === 'hang') return new Promise(() => {})
    if (failure !== null) throw failure
    if (state.delayMs > 0) await state.wait(state.delayMs)
    shows.set(id, `${review.progress.status} ${review.progress.resolution?.by ?? ''}`.trim())
  }
  return Object.assign(state, { approver: desk(name, { update }) })
}

type Channel = ReturnType<typeof channel>

function at(channels: readonly Channel[], options: Partial<GateOptions> = {}): Scene {
  const s = scene({
    approvers: channels.map(({ approver }) => approver),
    sweepEvery: '10s',
    rateLimit: false,
    coalesce: false,
    ...options,
  })
  for (const one of channels) {
    one.now = () => s.clock.now()
    one.wait = (ms) => new Promise((resolve) => s.clock.setTimer(ms, resolve))
  }
  return s
}

/** Opens requests, and has each rejected. */
async function rejected(s: Scene, count = 1): Promise<readonly string[]> {
  const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
  for (let n = 0; n < count; n += 1) attempt(tool(n))
  const ids = (await s.pending()).map(({ id }) => id)
  for (const id of ids) await s.reject(id, ada, 'no')
  return ids
}

const away = () => new Error('the channel is away')
const gone = () => new GatewrightError('ERR_MESSAGE_GONE', 'the channel was archived')

describe('T34: a message that could not be updated', () => {
  test('is updated later, with growing waits, until it is true, and then left alone', async () => {
    const one = channel()
    const s = at([one])
    one.fail = away
    await rejected(s)
    const start = s.clock.now()
    await s.clock.advance('2m')
    // Twice at first, since the feed tells of the move as well. Later waits end with the next sweep.
    expect(one.tried.map(({ at }) => (at - start) / 1_000)).toEqual([0, 0, 1, 3, 7, 15, 35, 75])
    await s.clock.advance('2h')
    const waits = one.tried.map(({ at }, n) => at - (one.tried[n - 1]?.at ?? 0))
    expect(Math.max(...waits.slice(1)), 'five minutes, and no longer than a sweep more').toBe(300_000)
    expect(one.shows.size).toBe(0)
    one.fail = null
    await s.clock.advance('5m')
    expect([...one.shows.values()]).toEqual(['rejected ada'])
    const tried = one.tried.length
    await s.clock.advance('1h')
    expect(one.tried).toHaveLength(tried)
  })

  test('is updated later when its channel hung', async () => {
    const one = channel()
    const s = at([one])
    one.fail = () => 'hang'
    await rejected(s)
    one.fail = null
    await s.clock.advance('1m')
    expect([...one.shows.values()]).toEqual(['rejected ada'])
  })

  test('while its request goes on shows the last state, and no channel is told twice what it shows', async () => {
    const [one, other] = [channel('one'), channel('other')]
    const s = at([one, other])
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
    const { id } = await s.only()
    one.fail = away
    await s.approve(id, ada)
    await call.ended
    const told = other.tried.length
    await s.clock.advance('1m')
    one.fail = null
    await s.clock.advance('1m')
    expect([...one.shows.values()]).toEqual(['succeeded'])
    expect(other.tried).toHaveLength(told)
    const rows = await s.store.deliveries.of(id)
    const { version } = await s.request(id)
    expect(rows.map(({ shownVersion }) => shownVersion)).toEqual([version, version])
  })

  test.each(['get', 'deliveries.put'] as const)(
    'is updated later when the store failed in %s just then',
    async (broken) => {
      const clock = fakeClock()
      const shared = memoryStore({ clock })
      let down = false
      const one = channel()
      const s = at([one], {
        clock,
        store: wired(shared, {
          async before(method) {
            if (down && method === broken) throw new Error('down')
          },
        }),
      })
      attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
      const { id } = await s.only()
      const [row] = await shared.deliveries.of(id)
      // Another process decides: nothing in this one stands and falls with the store.
      const other = s.neighbour({ store: shared, approvers: [] })
      down = true
      await other.reject(id, ada, 'no')
      await clock.advance('3s')
      down = false
      await clock.advance('1m')
      expect(one.shows.get(row?.id ?? '')).toBe('rejected ada')
      expect((await shared.deliveries.of(id))[0]?.shownVersion).toBe((await s.request(id)).version)
    },
  )

  test('of a dead process is updated later when nobody could tell whether it lives', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    // Its own time stands still, and it hears nothing: as good as killed.
    const killed = { ...shared, changes() {} }
    const first = at([channel()], { clock: fakeClock(), store: killed })
    attempt(first.gate.requireApproval(first.effect, { action: 'a.run' })('users'))
    const { id, processId } = await first.only()
    let down = false
    const one = channel()
    const second = at([one], {
      clock,
      store: wired(shared, {
        async before(method) {
          if (down && method === 'leases.live') throw new Error('down')
        },
      }),
    })
    await second.gate.start()
    await shared.leases.release(processId)
    down = true
    await second.reject(id, ada, 'no')
    await settle()
    expect(one.tried).toEqual([])
    down = false
    await shared.leases.release(processId)
    await clock.advance('2s')
    expect([...one.shows.values()]).toEqual(['rejected ada'])
  })

  test('at a start is updated later', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const before = channel()
    const first = at([before], { clock, store: shared })
    before.fail = away
    await rejected(first)
    await first.close()
    const one = channel()
    one.fail = away
    const second = at([one], { clock, store: shared })
    await second.gate.start()
    expect(one.tried).toHaveLength(1)
    one.fail = null
    await clock.advance('1m')
    expect([...one.shows.values()]).toEqual(['rejected ada'])
  })
})

describe('many messages that could not be updated', () => {
  test('are all true once the channel is back, and a channel that is away is asked a few times in a sweep', async () => {
    const one = channel()
    const s = at([one])
    one.fail = away
    const ids = await rejected(s, 300)
    const tried = one.tried.length
    await s.clock.advance('1m')
    const sweeps = 60
    expect(one.tried.length - tried).toBeLessThanOrEqual(sweeps * 8)
    one.fail = null
    await s.clock.advance('6m')
    expect([...one.shows.values()]).toEqual(ids.map(() => 'rejected ada'))
  })

  test('of a channel that is away hold up none of another', async () => {
    const [one, other] = [channel('one'), channel('other')]
    const s = at([one, other])
    one.fail = away
    other.fail = away
    await rejected(s, 60)
    await s.clock.advance('1m')
    expect(other.shows.size).toBe(0)
    // One is back; the other stays away.
    other.fail = null
    await s.clock.advance('2m')
    expect([one.shows.size, other.shows.size]).toEqual([0, 60])
    const atOnce = new Map<number, number>()
    for (const { at } of one.tried.slice(120)) atOnce.set(at, (atOnce.get(at) ?? 0) + 1)
    expect(Math.max(...atOnce.values()), 'and it is not asked more often for that').toBeLessThanOrEqual(8)
  })

  test('and a channel that hangs hold up no deadline', async () => {
    const one = channel()
    const s = at([one], { timeouts: { delivery: '3h' } })
    one.fail = away
    await rejected(s, 20)
    one.fail = () => 'hang'
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'b.run' })('users'))
    await settle()
    await s.clock.advance('61m')
    expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
  })

  test('are not read from the store for a channel that is away', async () => {
    const clock = fakeClock()
    let reads = 0
    const one = channel()
    const s = at([one], {
      clock,
      store: wired(memoryStore({ clock }), {
        async before(method) {
          if (method === 'get') reads += 1
        },
      }),
    })
    one.fail = away
    await rejected(s, 200)
    reads = 0
    one.tried.length = 0
    await s.clock.advance('5m')
    expect(reads).toBe(one.tried.length)
  })

  test('are left to the next start when the gate closes', async () => {
    const one = channel()
    const s = at([one])
    one.fail = away
    await rejected(s, 50)
    // It is back, and slow: one round would take a while.
    one.fail = null
    one.delayMs = 5_000
    one.tried.length = 0
    await s.clock.advance('2s')
    expect(one.tried).toHaveLength(4)
    await s.close()
    expect(one.tried).toHaveLength(4)
    expect(one.shows.size).toBe(4)
    expect(s.clock.pendingTimers).toBe(0)
  })
})

test('of more than there is room for, those that come later are left to the next start, which is said once', () => {
  const logger = notebook()
  const engine = {
    logger,
    settings: { deliveryBackoffMs: 1_000 },
    store: { now: () => 0 },
    sweeper: { due: () => {} },
  } as unknown as Engine
  const forgotten: string[] = []
  const stale = createStaleMessages(() => engine, {
    retry: async () => {},
    forget: (id) => void forgotten.push(id),
  })
  for (let n = 0; n < 100_003; n += 1) stale.failed(`r-${n}`)
  expect(forgotten).toEqual(['r-100000', 'r-100001', 'r-100002'])
  expect(logger.entries.map(({ level }) => level)).toEqual(['error'])
  stale.settled('r-7')
  stale.failed('r-100003')
  expect(forgotten).toHaveLength(3)
})

describe('a message that is gone', () => {
  test('is given up with a record', async () => {
    const one = channel()
    const s = at([one])
    one.fail = gone
    const [id = ''] = await rejected(s)
    await s.clock.advance('1h')
    expect(one.tried).toHaveLength(1)
    const [row] = await s.store.deliveries.of(id)
    expect(row).toMatchObject({ status: 'failed', error: 'ERR_MESSAGE_GONE', nextAttemptAt: null })
    expect((await s.events('delivery.failed')).map(({ data }) => data)).toEqual([
      expect.objectContaining({ requestId: id, deliveryId: row?.id, error: 'ERR_MESSAGE_GONE', final: true }),
    ])
    expect(s.logger.entries.filter(({ message }) => message.includes('is gone'))).toHaveLength(1)
  })

  test('is tried again until that can be recorded', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let down = false
    const one = channel()
    const store: ApprovalStore = wired(shared, {
      async before(method) {
        if (down && method === 'deliveries.put') throw new Error('down')
      },
    })
    const s = at([one], { clock, store })
    attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
    const { id } = await s.only()
    down = true
    one.fail = gone
    await s.reject(id, ada, 'no')
    await clock.advance('5s')
    expect(await s.events('delivery.failed')).toEqual([])
    down = false
    await clock.advance('1m')
    expect(await s.events('delivery.failed')).toHaveLength(1)
  })

  test.each([
    ['alone is undeliverable', ['one'], 'undeliverable', 'ERR_APPROVAL_UNDELIVERABLE'],
    ['and on another goes on waiting', ['one', 'other'], 'pending', undefined],
  ])('T28: reaches nobody: a request that waits on it %s', async (_, names, status, code) => {
    const channels = names.map((name) => channel(name))
    const s = at(channels, { reviewers: group('ops', { atLeast: 2 }) })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
    const { id } = await s.only()
    for (const one of channels.slice(0, 1)) one.fail = gone
    await s.approve(id, ada)
    await settle()
    expect((await s.request(id)).status).toBe(status)
    expect(call.code).toBe(code)
  })
})
