import { group, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, cleo, member, scene, settle, wired } from '../../packages/core/test/scene'

const VOTERS = ['ada', 'ben', 'cleo', 'dana', 'elif', 'fred'].map((name) => member(name))

describe('votes, time and processes race', () => {
  test('T06: a quorum reached by many at once is one resolution and one run', async () => {
    const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id, reviewDigest } = await s.only()
    const receipts = await Promise.all(
      VOTERS.map((actor) => s.gate.vote({ requestId: id, decision: 'approve', digest: reviewDigest, actor })),
    )
    await call.ended
    expect(receipts.filter(({ status }) => status === 'counted')).toHaveLength(2)
    expect(receipts.filter(({ status }) => status === 'too-late')).toHaveLength(4)
    expect(s.runs).toHaveLength(1)
    expect(
      (await s.types(id)).filter((type) => type === 'request.approved' || type === 'execution.started'),
    ).toEqual(['request.approved', 'execution.started'])
  })

  test('T07: a requirement that changes while people vote changes nothing for them, but is asked again before the run', async () => {
    let atLeast = 2
    const requirement = () => ({
      id: 'r',
      version: 1,
      withinMs: 3_600_000,
      useWithinMs: 900_000,
      remindEveryMs: null,
      noteFor: { approve: false, reject: false },
      grantable: false,
      stages: [
        {
          name: 'review',
          reviewers: { type: 'group' as const, name: 'ops' },
          atLeast,
          assurance: null,
          escalation: null,
        },
      ],
    })
    const s = scene({
      policy: [{ id: 'p', version: 1, decide: () => ({ effect: 'require', requirement: requirement() }) }],
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id, policy } = await s.only()
    atLeast = 1
    await s.approve(id, ada)
    expect(s.runs).toEqual([])
    expect((await s.request(id)).policy).toEqual(policy)
    atLeast = 3
    await s.approve(id, ben)
    await call.ended
    // Two were asked for, two approved; now three are wanted.
    expect(call.code).toBe('ERR_APPROVAL_INVALIDATED')
    expect(s.runs).toEqual([])
    const [created] = await s.events('request.created')
    const [approved] = await s.events('request.approved')
    expect(approved?.data['policyHash']).toBe(created?.data['policyHash'])
  })

  test('T07: a requirement object that its rule changes later is not the request’s', async () => {
    const shared = {
      id: 'r',
      version: 1,
      withinMs: 3_600_000,
      useWithinMs: 900_000,
      remindEveryMs: null,
      noteFor: { approve: false, reject: false },
      grantable: false,
      stages: [
        {
          name: 'review',
          reviewers: { type: 'group' as const, name: 'ops' },
          atLeast: 2,
          assurance: null,
          escalation: null,
        },
      ],
    }
    const s = scene({
      policy: [{ id: 'p', version: 1, decide: () => ({ effect: 'require', requirement: shared }) }],
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    shared.stages[0] = { ...(shared.stages[0] as (typeof shared.stages)[0]), atLeast: 1 }
    await s.approve(id, ada)
    expect(call.state).toBe('waiting')
    expect(s.runs).toEqual([])
  })

  test('T24: approve and reject race: one of them decides, the other is told which', async () => {
    for (const first of ['approve', 'reject'] as const) {
      const s = scene()
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
      const { id } = await s.only()
      const [one, other] = await Promise.all(
        first === 'approve'
          ? [s.approve(id, ada), s.reject(id, ben)]
          : [s.reject(id, ben), s.approve(id, ada)],
      )
      await call.ended
      expect([one?.status, other?.status].sort()).toEqual(['counted', 'too-late'])
      const { status, votes } = await s.request(id)
      expect(votes).toHaveLength(1)
      expect(s.runs).toHaveLength(status === 'succeeded' ? 1 : 0)
      const ends = (await s.types(id)).filter(
        (type) => type === 'request.approved' || type === 'request.rejected',
      )
      expect(ends).toHaveLength(1)
    }
  })

  test('T24: approvals and expiry race by the store’s clock, even when a vote is slow to arrive', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let slow = false
    const s = scene({
      clock,
      requirement: { reviewers: group('ops'), within: '10m' },
      store: wired(shared, {
        before: (method) =>
          slow && method === 'transition'
            ? new Promise((resolve) => void clock.setTimer(60_000, () => resolve()))
            : Promise.resolve(),
      }),
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    await clock.advance('9m')
    await clock.advance('50s')
    slow = true
    const vote = attempt(s.approve(id))
    await clock.advance('5m')
    slow = false
    await clock.advance('5m')
    expect(vote.value?.status).toBe('too-late')
    expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
    expect(s.runs).toEqual([])
  })

  test('T25: the same call again, the same click again: one run, however long ago the first was', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'order-1' })
    const first = attempt(tool('users'))
    const { id } = await s.only()
    await s.approve(id)
    await first.ended
    for (const later of ['1s', '1h', '1d'] as const) {
      await s.clock.advance(later)
      expect((await s.approve(id)).status).toBe('already-counted')
      const again = attempt(tool('users'))
      await again.ended
      expect(again.code).toBe('ERR_ALREADY_EXECUTED')
    }
    await settle()
    await s.store.forget(id)
    const archived = attempt(tool('users'))
    await archived.ended
    expect(archived.code).toBe('ERR_ALREADY_EXECUTED')
    expect(s.runs).toHaveLength(1)
    expect(await s.events('execution.started')).toHaveLength(1)
  })

  test('T27: time never approves, with reminders and escalations in between', async () => {
    const s = scene({
      requirement: {
        reviewers: group('ops'),
        within: '1h',
        remindEvery: '10m',
        escalate: { after: '30m', to: group('managers') },
      },
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    await s.clock.advance('61m')
    expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
    expect(s.runs).toEqual([])
    const types = await s.types(id)
    expect(types).toContain('request.reminded')
    expect(types).toContain('request.escalated')
    expect(types.at(-1)).toBe('request.expired')
    expect(types).not.toContain('request.approved')
  })

  test('T38: a vote on one pending call does not touch another, and a digest belongs to its own request', async () => {
    const s = scene({ coalesce: false })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = ['users', 'users'].map((table) => attempt(tool(table)))
    const [older, newer] = await s.pending()
    const stale = await s.approve(older?.id ?? '', ada, { digest: newer?.reviewDigest ?? '' })
    expect(stale).toMatchObject({ status: 'refused', reason: 'digest' })
    expect(s.runs).toEqual([])
    await s.approve(older?.id ?? '', ada)
    expect(calls.map(({ state }) => state)).toEqual(['resolved', 'waiting'])
    expect(s.runs).toHaveLength(1)
  })

  test('T45: of a batch of mixed decisions each call gets its own', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = [0, 1, 2, 3, 4].map((n) => attempt(tool(n)))
    const requests = await s.pending()
    const votes = requests.map((request, n) =>
      n % 2 === 0 ? s.approve(request.id) : s.reject(request.id, ben, `not ${n}`),
    )
    await Promise.all(votes.reverse())
    await settle()
    expect(calls.map(({ code, value }) => code ?? value)).toEqual([
      'done',
      'ERR_APPROVAL_REJECTED',
      'done',
      'ERR_APPROVAL_REJECTED',
      'done',
    ])
    expect(s.runs.map(([n]) => n).sort()).toEqual([0, 2, 4])
    expect(calls[3]?.error).toMatchObject({ reason: 'not 3' })
  })

  test('T45: equal calls are shown as one message, and decided one by one', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = [1, 2, 3].map(() => attempt(tool('users')))
    const requests = await s.pending()
    expect(s.desk.messages).toHaveLength(1)
    await s.approve(requests[0]?.id ?? '')
    expect(s.runs).toHaveLength(1)
    expect(calls.map(({ state }) => state)).toEqual(['resolved', 'waiting', 'waiting'])
    expect(s.desk.messages).toHaveLength(2)
  })

  test('T49: a clock that jumps back prolongs nothing that is decided, and one that jumps ahead approves nothing', async () => {
    const s = scene({
      requirement: { reviewers: group('ops'), within: '10m', useWithin: '5m' },
      wait: 'suspend',
    })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
    await attempt(tool('users')).ended
    const { id } = await s.only()
    s.clock.setNow(s.clock.now() + 24 * 3_600_000)
    expect((await s.approve(id)).status).toBe('too-late')
    await s.clock.advance('2m')
    expect((await s.request(id)).status).toBe('expired')
    s.clock.setNow(s.clock.now() - 48 * 3_600_000)
    await s.clock.advance('2m')
    expect((await s.approve(id)).status).toBe('too-late')
    const call = attempt(tool('users'))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
    expect(s.runs).toEqual([])
  })

  test('T49: events are ordered by their chain, not by the clock', async () => {
    const s = scene()
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    s.clock.setNow(s.clock.now() - 3_600_000)
    await s.approve(id)
    await call.ended
    await settle()
    const story = s.audit.events.filter(({ subject }) => subject === id)
    expect(story.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(story[1]?.time).toBeLessThan(story[0]?.time ?? 0)
    expect(s.runs).toHaveLength(1)
  })

  test('T52: a process that wakes past its lease adds a late outcome, never a second one', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let asleep = false
    const sleepers: (() => void)[] = []
    const s = scene({
      clock,
      store: wired(shared, {
        before: () => (asleep ? new Promise((resolve) => sleepers.push(resolve)) : Promise.resolve()),
      }),
    })
    let finish = () => {}
    const tool = s.gate.requireApproval(
      async (...args: unknown[]) => {
        await s.effect(...args)
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        return 'late'
      },
      { action: 'data.export', key: () => 'k' },
    )
    const call = attempt(tool('users'))
    const { id } = await s.only()
    await s.approve(id)
    expect(s.runs).toHaveLength(1)
    asleep = true
    const other = s.neighbour({ store: shared })
    await other.gate.start()
    await clock.advance('10m')
    expect((await shared.get(id))?.status).toBe('unknown')
    // It wakes up, and finishes as if nothing had been.
    asleep = false
    for (const wake of sleepers.splice(0)) wake()
    finish()
    await call.ended
    await clock.advance('3m')
    const request = await shared.get(id)
    expect(request?.status).toBe('unknown')
    expect(request?.lateOutcome?.status).toBe('succeeded')
    expect(call.value).toBe('late')
    expect(s.runs).toHaveLength(1)
    const outcomes = [...s.audit.events, ...other.audit.events]
      .filter(({ subject, type }) => subject === id && type.startsWith('execution.'))
      .map(({ id: event, type }) => `${event} ${type}`)
    expect(new Set(outcomes).size).toBe(3)
    expect((await s.approve(id, cleo)).status).toBe('too-late')
  })

  test('T53: a call id that a provider reuses in another run is another call; in the same run, with other arguments, a conflict', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = ['run-1', 'run-2'].map((runId) =>
      attempt(s.gate.as({ runId, callId: 'call_0' }, () => tool(runId))),
    )
    const requests = await s.pending()
    expect(requests).toHaveLength(2)
    const conflict = attempt(s.gate.as({ runId: 'run-1', callId: 'call_0' }, () => tool('something else')))
    await conflict.ended
    expect(conflict.code).toBe('ERR_KEY_CONFLICT')
    expect(conflict.message).toMatch(/nothing was executed/i)
    const repeated = attempt(s.gate.as({ runId: 'run-1', callId: 'call_0' }, () => tool('run-1')))
    expect(await s.pending()).toHaveLength(2)
    for (const { id } of requests) await s.approve(id)
    await Promise.all([...calls, repeated].map(({ ended }) => ended))
    expect(s.runs.map(([run]) => run).sort()).toEqual(['run-1', 'run-2'])
    expect(repeated.code).toBe('ERR_ALREADY_EXECUTED')
  })

  test('T53: another agent, or another action, with the same call id is another call', async () => {
    const s = scene()
    const other = s.neighbour({ agent: { id: 'other-bot', owner: null } })
    const context = { runId: 'r', callId: 'call_0' }
    void attempt(s.gate.as(context, () => s.gate.requireApproval(s.effect, { action: 'data.export' })('a')))
    void attempt(s.gate.as(context, () => s.gate.requireApproval(s.effect, { action: 'data.drop' })('b')))
    void attempt(
      other.gate.as(context, () => other.gate.requireApproval(other.effect, { action: 'data.export' })('c')),
    )
    expect(await s.pending()).toHaveLength(3)
  })

  test('T54: the log of whoever runs holds the whole story, though another process began it', async () => {
    const first = scene({ wait: 'suspend' })
    await attempt(first.gate.requireApproval(first.effect, { action: 'data.export' })('users')).ended
    const { id } = await first.only()
    await first.approve(id)
    await first.close()
    const second = first.neighbour()
    let before: readonly number[] = []
    const story = () =>
      second.audit.events.filter(({ subject }) => subject === id).sort((a, b) => a.seq - b.seq)
    second.gate.requireApproval(
      async () => {
        before = story().map(({ seq }) => seq)
        return 'done'
      },
      { action: 'data.export' },
    )
    const call = attempt(second.gate.resume(id))
    await call.ended
    expect(call.value).toBe('done')
    expect(before).toEqual([1, 2, 3, 4])
    await settle()
    expect(story().map(({ type }) => type)).toEqual([
      'request.created',
      'request.vote-cast',
      'request.approved',
      'execution.started',
      'execution.succeeded',
    ])
  })
})
