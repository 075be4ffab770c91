import { group, memoryStore, type SealedValue, staticDirectory } from '@gatewright/core'
import { fakeClock, mockApprover } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, desk, ISSUER, member, scene, settle, wired } from '../../packages/core/test/scene'

const directory = staticDirectory({
  people: ['ada', 'ben', 'cleo'].map((subject) => ({
    issuer: ISSUER,
    subject,
    name: subject,
    groups: ['ops'],
  })),
})

describe('requests reach people, or say that they did not', () => {
  test('T19: a vote that is replayed is one vote', async () => {
    const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
    void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id, reviewDigest } = await s.only()
    const click = { requestId: id, decision: 'approve', digest: reviewDigest, actor: ada } as const
    const receipts = await Promise.all([1, 2, 3, 4].map(() => s.desk.host.vote(click)))
    expect(receipts.map(({ status }) => status).sort()).toEqual([
      'already-counted',
      'already-counted',
      'already-counted',
      'counted',
    ])
    expect(s.runs).toEqual([])
    expect(await s.events('request.vote-cast')).toHaveLength(1)
  })

  test('T20: a button works in its own channel, for its own request, until its time, and nowhere else', async () => {
    const s = scene({ secrets: ['first secret of thirty-two characters'] })
    await s.gate.start()
    const { host } = s.desk
    const value: SealedValue = {
      requestId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      digest: 'a'.repeat(64),
      audience: 'slack:T1:C1',
      expiresAt: s.clock.now() + 60_000,
    }
    const token = host.seal(value)
    expect(host.open(token, 'slack:T1:C1')).toEqual(value)
    expect(host.open(token, 'slack:T1:C2')).toBeNull()
    expect(host.open(token, 'slack:T2:C1')).toBeNull()
    const [payload = '', mac = ''] = token.split('.')
    const moved = Buffer.from(JSON.stringify(['other request', value.digest, value.expiresAt])).toString(
      'base64url',
    )
    for (const forged of [
      `${moved}.${mac}`,
      `${payload}.`,
      payload,
      `.${mac}`,
      `${payload}.${mac}.x`,
      '',
      `${payload}.${mac.slice(0, -2)}AA`,
      'x'.repeat(5_000),
    ]) {
      expect(host.open(forged, 'slack:T1:C1')).toBeNull()
    }
    const elsewhere = scene({ secrets: ['another secret of thirty-two characters'] })
    await elsewhere.gate.start()
    expect(elsewhere.desk.host.open(token, 'slack:T1:C1')).toBeNull()
    const rotated = scene({
      secrets: ['another secret of thirty-two characters', 'first secret of thirty-two characters'],
    })
    await rotated.gate.start()
    expect(rotated.desk.host.open(token, 'slack:T1:C1')).toEqual(value)
    await s.clock.advance('61s')
    expect(host.open(token, 'slack:T1:C1')).toBeNull()
  })

  test('T28: what cannot be delivered is tried again, then refused as itself, and never as a rejection', async () => {
    const s = scene({ delivery: { attempts: 3, backoff: '1s' } })
    let tries = 0
    s.desk.onDeliver = async () => {
      tries += 1
      throw new Error('channel_not_found')
    }
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    expect(call.state).toBe('waiting')
    await s.clock.advance('30s')
    expect(tries).toBe(3)
    expect(call.code).toBe('ERR_APPROVAL_UNDELIVERABLE')
    expect(s.runs).toEqual([])
    expect(await s.types(id)).toEqual(['request.created', 'request.undeliverable'])
    expect((await s.events('delivery.failed')).map(({ data }) => [data['attempt'], data['final']])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ])
  })

  test('T28: a delivery that hangs is given up at its deadline', async () => {
    const s = scene({ delivery: { attempts: 2, backoff: '1s' }, timeouts: { delivery: '5s' } })
    const aborted: boolean[] = []
    s.desk.onDeliver = (_review, _to, _id, signal) =>
      new Promise(() => signal.addEventListener('abort', () => aborted.push(true)))
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.clock.advance('1m')
    expect(call.code).toBe('ERR_APPROVAL_UNDELIVERABLE')
    expect(aborted).toEqual([true, true])
    expect(s.runs).toEqual([])
  })

  test('T28: what nobody can be told of is escalated before it is given up', async () => {
    const s = scene({
      delivery: { attempts: 1 },
      requirement: { reviewers: group('ops'), escalate: { after: '30m', to: group('managers') } },
    })
    s.desk.onDeliver = async (_review, to) => {
      if (to.purpose !== 'escalate') throw new Error('nobody home')
      return {}
    }
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    expect(await s.types(id)).toEqual(['request.created', 'request.escalated'])
    await s.approve(id, member('mia', ['managers']))
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('T28: one channel of two that works is enough', async () => {
    const broken = desk('broken')
    broken.onDeliver = () => Promise.reject(new Error('down'))
    const s = scene({ approvers: [desk('works'), broken], delivery: { attempts: 2 } })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await s.clock.advance('1m')
    expect(call.state).toBe('waiting')
    await s.approve((await s.only()).id)
    expect(s.runs).toHaveLength(1)
  })

  test('T30: an agent that floods is stopped, and equal requests are one message', async () => {
    const s = scene({ rateLimit: { max: 5, per: '1m' } })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = Array.from({ length: 20 }, () => attempt(tool('users')))
    expect(await s.pending()).toHaveLength(5)
    expect(calls.filter(({ code }) => code === 'ERR_RATE_LIMITED')).toHaveLength(15)
    expect(s.desk.messages).toHaveLength(1)
    expect(s.runs).toEqual([])
    expect(calls.at(-1)?.message).toMatch(/nothing was executed/i)
    await s.clock.advance('61s')
    void attempt(tool('users'))
    expect(await s.pending()).toHaveLength(6)
  })

  test('T30: reminders of equal requests are one message too', async () => {
    const s = scene({ requirement: { reviewers: group('ops'), remindEvery: '10m' } })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    for (let twin = 0; twin < 5; twin += 1) void attempt(tool('users'))
    expect(await s.pending()).toHaveLength(5)
    await s.clock.advance('11m')
    expect(s.desk.messages.filter(({ to }) => to.purpose === 'remind')).toHaveLength(1)
  })

  test('T30: after a rejection an equal call is refused without asking, and another one asks', async () => {
    const s = scene({ coolDown: '5m' })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const first = attempt(tool('users'))
    await s.reject((await s.only()).id, ada, 'not this table')
    await first.ended
    const again = attempt(tool('users'))
    await again.ended
    expect(again.code).toBe('ERR_APPROVAL_COOLING_DOWN')
    expect(again.message).toContain('not this table')
    expect(s.desk.messages).toHaveLength(1)
    void attempt(tool('orders'))
    expect(await s.pending()).toHaveLength(1)
    await s.clock.advance('6m')
    void attempt(tool('users'))
    expect(await s.pending()).toHaveLength(2)
    expect(s.runs).toEqual([])
  })

  test('T34: after a restart messages show how things stand, and the store decides whatever they show', async () => {
    const first = scene({ wait: 'suspend' })
    await attempt(
      first.gate.requireApproval(first.effect, { action: 'data.export', key: () => 'k' })('users'),
    ).ended
    const { id } = await first.only()
    const digest = first.desk.messages[0]?.review.digest ?? ''
    // The process dies: its lease ends, and meanwhile somebody decides elsewhere.
    await first.gate.close()
    const elsewhere = first.neighbour({ approvers: [] })
    await elsewhere.reject(id, ben, 'no')
    const restarted = first.neighbour({ approvers: [desk()] })
    await restarted.gate.start()
    await settle()
    const late = await restarted.desk.host.vote({ requestId: id, decision: 'approve', digest, actor: ada })
    expect(late).toMatchObject({ status: 'too-late', requestStatus: 'rejected' })
    expect(first.runs).toEqual([])
  })

  test('T34: a restart updates the messages of requests that moved meanwhile, and sends none twice', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let alive = true
    const mute = async () => {
      if (!alive) await new Promise<void>(() => {})
    }
    const first = scene({
      clock,
      store: wired(shared, { before: mute }),
      reviewers: group('ops', { atLeast: 2 }),
    })
    void attempt(first.gate.requireApproval(first.effect, { action: 'data.export' })('users'))
    const { id } = await first.only()
    expect(first.desk.messages).toHaveLength(1)
    alive = false
    const elsewhere = first.neighbour({ store: shared, approvers: [] })
    await elsewhere.approve(id, ada)
    await clock.advance('10m')
    const restarted = first.neighbour({ store: shared, approvers: [desk()] })
    await restarted.gate.start()
    await settle()
    expect(restarted.desk.messages).toEqual([])
    expect(
      restarted.desk.updates.map(({ delivery, review }) => [delivery.id, review.progress.votes.length]),
    ).toEqual([[first.desk.messages[0]?.deliveryId, 1]])
  })

  test('T42: a waiter follows the store, not what a message shows or a lost hint', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    const deaf = new Proxy(shared, {
      get: (target, name) => (name === 'changes' ? () => {} : bound(target, name)),
    })
    const s = scene({ clock, store: deaf })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    const elsewhere = s.neighbour({ store: shared })
    expect((await elsewhere.approve(id)).status).toBe('counted')
    expect(call.state).toBe('waiting')
    await clock.advance('2m')
    expect(call.value).toBe('done')
    expect(s.runs).toHaveLength(1)
  })

  test('T42: what failed to be stored is not shown as decided', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let broken = false
    const s = scene({
      clock,
      store: wired(shared, {
        async before(method) {
          if (broken && method === 'transition') throw new Error('read-only file system')
        },
      }),
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    broken = true
    const vote = attempt(s.approve(id))
    await vote.ended
    expect(vote.code).toBe('ERR_STORE_UNAVAILABLE')
    expect(call.state).toBe('waiting')
    expect(s.desk.updates.every(({ review }) => review.progress.status === 'pending')).toBe(true)
    broken = false
    expect((await s.approve(id)).status).toBe('counted')
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('T51: a process that dies between sending and saving leaves one message', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let alive = true
    const first = scene({
      clock,
      store: wired(shared, { before: async () => (alive ? undefined : new Promise(() => {})) }),
    })
    const sent: string[] = []
    first.desk.onDeliver = async (_review, _to, deliveryId) => {
      sent.push(deliveryId)
      alive = false
      return { reference: 'message 1' }
    }
    void attempt(first.gate.requireApproval(first.effect, { action: 'data.export' })('users'))
    await settle()
    const [{ id } = { id: '' }] = (await shared.list({})).requests
    const rows = await shared.deliveries.of(id)
    expect(rows.map(({ id: delivery, status }) => [delivery, status])).toEqual([[sent[0], 'sending']])
    const restarted = first.neighbour({ store: shared, approvers: [desk()] })
    await restarted.gate.start()
    await clock.advance('10m')
    // The same id again: an approver that keeps its word has one message.
    expect(restarted.desk.messages.map(({ deliveryId }) => deliveryId)).toEqual([sent[0]])
  })

  test('T55: one of two needed reviewers is not enough to count as delivered', async () => {
    const s = scene({ directory, reviewers: group('ops', { atLeast: 2 }), delivery: { attempts: 1 } })
    s.desk.onDeliver = async () => ({ reached: [ada] })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await settle()
    expect(call.code).toBe('ERR_APPROVAL_UNDELIVERABLE')
    expect(s.runs).toEqual([])
    expect(await s.types()).toEqual(['request.created', 'request.undeliverable'])
  })

  test('T55: reaching two people in two channels is enough; reaching one twice is not', async () => {
    for (const [first, second, enough] of [
      [ada, ben, true],
      [ada, ada, false],
    ] as const) {
      const one = desk('one')
      const two = desk('two')
      one.onDeliver = async () => ({ reached: [first] })
      two.onDeliver = async () => ({ reached: [second] })
      const s = scene({
        directory,
        approvers: [one, two],
        reviewers: group('ops', { atLeast: 2 }),
        delivery: { attempts: 1 },
      })
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
      await settle()
      expect(call.code).toBe(enough ? undefined : 'ERR_APPROVAL_UNDELIVERABLE')
    }
  })

  test('T55: a group too small for its quorum without the owner is not reachable', async () => {
    const s = scene({
      directory,
      agent: { id: 'bot', owner: member('ada') },
      reviewers: group('ops', { atLeast: 3 }),
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    await settle()
    expect(call.code).toBe('ERR_APPROVAL_UNDELIVERABLE')
    expect(s.runs).toEqual([])
  })

  test('T39: nothing but an approval runs: not a rejection, not silence, not an unreachable channel', async () => {
    for (const script of ['approve', 'reject', 'ignore', 'unreachable'] as const) {
      const approver = mockApprover()
      approver[script]('data.export')
      const s = scene({ approvers: [approver], delivery: { attempts: 1 } })
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
      await s.clock.advance('61m')
      expect(s.runs).toHaveLength(script === 'approve' ? 1 : 0)
      expect(call.code).toBe(
        {
          approve: undefined,
          reject: 'ERR_APPROVAL_REJECTED',
          ignore: 'ERR_APPROVAL_EXPIRED',
          unreachable: 'ERR_APPROVAL_UNDELIVERABLE',
        }[script],
      )
      expect((await s.events('execution.started')).length).toBe(s.runs.length)
    }
  })

  test('T39: a rejected call runs on no other path: not by resume, not by the same key, not by execute', async () => {
    const s = scene({ coolDown: false })
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k', retry: true })
    const call = attempt(tool('users'))
    const { id } = await s.only()
    await s.reject(id)
    await call.ended
    const ways = [
      attempt<unknown>(s.gate.resume(id)),
      attempt(tool('users')),
      attempt(s.gate.as({ retry: true }, () => tool('users'))),
    ]
    const asked = attempt(s.gate.request({ action: 'data.export', args: { a: 1 } }))
    await s.reject((await s.only()).id)
    await asked.ended
    expect(asked.value?.status).toBe('rejected')
    ways.push(attempt<unknown>(asked.value?.execute(() => s.effect('sneaked')) ?? Promise.resolve()))
    await Promise.all(ways.map(({ ended }) => ended))
    expect(ways.map(({ code }) => code)).toEqual(ways.map(() => 'ERR_APPROVAL_REJECTED'))
    expect(s.runs).toEqual([])
  })
})

function bound(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name)
  return typeof member === 'function' ? member.bind(target) : member
}
