import {
  type ApprovalRequest,
  type Clock,
  type GateOptions,
  group,
  systemClock,
  type VoteReceipt,
} from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, type Desk, desk, type Scene, scene } from '../../packages/core/test/scene'
import { DURABLE_STORES, type SharedDatabase } from './durable-stores'

const patiently = { timeout: 20_000, interval: 10 }

const ENDED = /^(?:execution\.(?:succeeded|failed|unknown)|request\.(?:rejected|expired))$/

/** The system's clock, a little ahead or behind, as those of other processes are. */
function skewed(byMs: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + byMs }
}

describe.each(DURABLE_STORES)('threats over $name', ({ begin }) => {
  let make: () => SharedDatabase
  let stop: (() => Promise<void>) | undefined
  let database: SharedDatabase
  const scenes: Scene[] = []

  beforeAll(async () => {
    const begun = await begin()
    make = begun.make
    stop = begun.stop
  })
  afterAll(() => stop?.())

  afterEach(async () => {
    await Promise.all(scenes.splice(0).map((s) => s.gate.close()))
    await database.dispose()
  })

  /** One more process over the database. Its desk is where people are asked. However slow the machine is, nobody dies by it. */
  function processOver(options: Partial<GateOptions> = {}): Scene {
    const clock = options.clock ?? systemClock
    const s = scene({
      sweepEvery: '100ms',
      lease: '1m',
      coolDown: false,
      ...options,
      clock,
      store: options.store ?? database.open(clock),
    })
    scenes.push(s)
    return s
  }

  const pendingIn = async (s: Scene): Promise<readonly ApprovalRequest[]> =>
    (await s.gate.requests.list({ status: 'pending' })).requests

  async function onlyPending(s: Scene): Promise<ApprovalRequest> {
    return vi.waitFor(async () => {
      const [request, ...others] = await pendingIn(s)
      if (request === undefined || others.length > 0) throw new Error('not exactly one is pending')
      return request
    }, patiently)
  }

  /** What all logs together tell of a request that has ended: who moves it last publishes it. */
  async function chainOf(id: string): Promise<readonly string[]> {
    return vi.waitFor(() => {
      const events = scenes.flatMap(({ audit }) => audit.events).filter(({ subject }) => subject === id)
      const chain = [...new Map(events.map((event) => [event.seq, event.type])).entries()].sort(
        ([one], [next]) => one - next,
      )
      const types = chain.map(([, type]) => type)
      if (!ENDED.test(types.at(-1) ?? '') || chain.at(-1)?.[0] !== chain.length)
        throw new Error(`it has not ended yet: ${types.join(', ')}`)
      return types
    }, patiently)
  }

  test('T24: approve, reject and expire race from three processes: one resolution, the others are told which', async () => {
    database = make()
    const clock = fakeClock()
    const requirement = { reviewers: group('ops'), within: '1s' as const }
    const [agent, one, other] = [0, 1, 2].map(() => processOver({ clock, requirement })) as [
      Scene,
      Scene,
      Scene,
    ]
    for (let round = 0; round < 8; round += 1) {
      const call = attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })(round))
      const { id } = await onlyPending(agent)
      // In half of the rounds its time ends meanwhile.
      const [approved, rejected, twice] = await Promise.all([
        one.approve(id, ada),
        other.reject(id, ben, 'no'),
        agent.approve(id, ada),
        round % 2 === 0 ? clock.advance('1s') : null,
      ])
      const receipts: VoteReceipt[] = [approved, rejected, twice]
      await call.ended
      const types = await chainOf(id)
      const ends = types.filter((type) => /^request\.(approved|rejected|expired)$/.test(type))
      expect(ends).toHaveLength(1)
      expect(types.filter((type) => type === 'execution.started')).toHaveLength(
        ends[0] === 'request.approved' ? 1 : 0,
      )
      expect(receipts.filter(({ status }) => status === 'counted').length).toBeLessThanOrEqual(1)
    }
  })

  test('T25: a call that is repeated in two processes, and a button pressed late and twice, run it once', async () => {
    database = make()
    const [one, other] = [processOver(), processOver()]
    const action = { action: 'data.export', key: () => 'the one', keepResult: true }
    const calls = [one, other, one, other].map((s) => attempt(s.gate.requireApproval(s.effect, action)('x')))
    const { id } = await onlyPending(one)
    const receipts = await Promise.all([one.approve(id, ada), other.approve(id, ada), one.approve(id, ada)])
    await Promise.all(calls.map(({ ended }) => ended))
    expect(calls.map(({ value }) => value)).toEqual(['done', 'done', 'done', 'done'])
    expect([...one.runs, ...other.runs]).toHaveLength(1)
    expect(receipts.filter(({ status }) => status === 'counted')).toHaveLength(1)
    expect((await other.approve(id, ben)).status).toBe('too-late')
    expect(await processOver().gate.requireApproval(one.effect, action)('x')).toBe('done')
    expect([...one.runs, ...other.runs]).toHaveLength(1)
  })

  test('T34: live buttons of a dead process decide nothing, and its messages are brought up to date', async () => {
    database = make()
    const inbox = desk('chat')
    // It is to die, before anybody else is there: should a last renewal come after its end, it lasts no longer than this.
    const before = processOver({ approvers: [inbox], lease: '1s' })
    const call = attempt(before.gate.requireApproval(before.effect, { action: 'data.export' })('x'))
    const { id, processId } = await onlyPending(before)
    await vi.waitFor(() => expect(inbox.messages).toHaveLength(1), patiently)
    // Killed: nothing more of it is heard, and its message still shows buttons.
    await before.store.close()
    await processOver().gate.cancel(id)
    const updates: string[] = []
    const after: Desk = Object.assign(desk('chat'), {
      update: async (review: { progress: { status: string } }) => void updates.push(review.progress.status),
    })
    const heir = processOver({ approvers: [after] })
    await heir.store.leases.release(processId)
    await heir.gate.start()
    await vi.waitFor(() => expect(updates).toContain('cancelled'), patiently)
    expect((await heir.approve(id, ada)).status).toBe('too-late')
    expect(before.runs).toEqual([])
    void call
  })

  test('T42: a decision in one process reaches the caller in another', async () => {
    database = make()
    const [agent, reviewers] = [processOver(), processOver()]
    for (const decision of ['approve', 'reject'] as const) {
      const call = attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })(decision))
      const { id } = await onlyPending(reviewers)
      expect((await reviewers[decision](id, ada)).status).toBe('counted')
      await call.ended
      expect(call.state).toBe(decision === 'approve' ? 'resolved' : 'rejected')
    }
  })

  test('T44: an approval that was used by a run that failed is not used again', async () => {
    database = make()
    const agent = processOver()
    let runs = 0
    const tool = agent.gate.requireApproval(
      async () => {
        runs += 1
        throw new Error('no such table')
      },
      { action: 'data.export', key: () => 'one', retry: true },
    )
    for (const run of [1, 2]) {
      const call = attempt(tool())
      const { id } = await onlyPending(agent)
      await agent.approve(id, ada)
      await call.ended
      expect([runs, call.message]).toEqual([run, 'no such table'])
      expect(await chainOf(id)).toContain('execution.failed')
    }
  })

  test('T49: processes whose clocks differ agree on what is late', async () => {
    database = make()
    const agent = processOver()
    // By more than a lease lasts: by their own clocks each would take the others for dead.
    const [slow, fast] = [processOver({ clock: skewed(-120_000) }), processOver({ clock: skewed(120_000) })]
    const call = attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('x'))
    const { id } = await onlyPending(slow)
    // An hour is left by all of them.
    expect((await fast.approve(id, ada)).status).toBe('counted')
    await call.ended
    expect(call.value).toBe('done')
    expect(agent.runs).toHaveLength(1)
  })

  test('T51: the id of a message is stored before it is sent', async () => {
    database = make()
    const inbox = desk('chat')
    const stored: string[] = []
    const other = database.open(systemClock)
    inbox.onDeliver = async (review, _to, deliveryId) => {
      const rows = await other.deliveries.of(review.requestId)
      stored.push(...rows.filter(({ id }) => id === deliveryId).map(({ status }) => status))
      return { reference: 'm1' }
    }
    const agent = processOver({ approvers: [inbox] })
    attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('x'))
    const { id } = await onlyPending(agent)
    await vi.waitFor(async () => {
      const [row] = await other.deliveries.of(id)
      expect(row).toMatchObject({ status: 'delivered', reference: 'm1' })
    }, patiently)
    expect(stored).toEqual(['sending'])
  })

  test('T52: a process that wakes after its lease adds what it knows, and nothing runs again', async () => {
    database = make()
    // As in T34.
    const agent = processOver({ lease: '1s' })
    let finish = (): void => {}
    const tool = agent.gate.requireApproval(
      () =>
        new Promise<string>((resolve) => {
          finish = () => resolve('late')
        }),
      { action: 'data.export', key: () => 'one' },
    )
    const call = attempt(tool())
    const { id } = await onlyPending(agent)
    await agent.approve(id, ada)
    await vi.waitFor(async () => expect((await agent.request(id)).status).toBe('executing'), patiently)
    // Stopped past its lease, as a suspended machine is; another process looks after the store.
    const { processId } = await agent.request(id)
    const other = processOver()
    const renew = agent.store.leases.renew
    Object.assign(agent.store.leases, { renew: async () => undefined })
    await agent.store.leases.release(processId)
    await other.gate.start()
    await vi.waitFor(async () => expect((await other.request(id)).status).toBe('unknown'), patiently)
    Object.assign(agent.store.leases, { renew })
    finish()
    await call.ended
    await vi.waitFor(async () => {
      const { lateOutcome, status } = await other.request(id)
      expect([status, lateOutcome?.status]).toEqual(['unknown', 'succeeded'])
    }, patiently)
    const again = attempt(
      other.gate.requireApproval(other.effect, { action: 'data.export', key: () => 'one' })(),
    )
    await again.ended
    expect(again.state).toBe('rejected')
    expect(other.runs).toEqual([])
  })

  test('T53: equal call ids of two runs are two calls; of one run with other arguments, a conflict', async () => {
    database = make()
    const [one, other] = [processOver(), processOver()]
    const ask = (s: Scene, runId: string, table: string) =>
      attempt(
        s.gate.as({ runId, callId: 'call_0' }, () =>
          s.gate.requireApproval(s.effect, { action: 'data.export' })(table),
        ),
      )
    ask(one, 'run-1', 'users')
    ask(other, 'run-2', 'users')
    await vi.waitFor(async () => expect(await pendingIn(one)).toHaveLength(2), patiently)
    const conflict = ask(other, 'run-1', 'orders')
    await conflict.ended
    expect(conflict.code).toBe('ERR_KEY_CONFLICT')
    expect([...one.runs, ...other.runs]).toEqual([])
  })
})
