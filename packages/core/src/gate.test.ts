import {
  type Answer,
  createGate,
  type GateOptions,
  group,
  memoryAudit,
  memoryStore,
  when,
} from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { fakeClock, mockApprover } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, desk, scene, settle, tape } from '../test/scene'

describe('starting and closing', () => {
  test('the first call starts the gate, once, and its approvers with it', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
    expect(s.desk.starts).toBe(0)
    for (let call = 0; call < 3; call += 1) void attempt(tool(call))
    await Promise.all([s.gate.start(), s.gate.start()])
    await settle()
    expect(s.desk.starts).toBe(1)
    expect(await s.events('gate.started')).toHaveLength(1)
  })

  test('an approver that cannot start keeps everything from running; those before it are stopped', async () => {
    const broken = desk('broken', { start: () => Promise.reject(new Error('no such channel')) })
    const good = desk('good')
    const s = scene({ approvers: [good, broken], policy: [when('*').allow()] })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })())
    await call.ended
    expect(call.message).toBe('no such channel')
    expect(s.runs).toEqual([])
    expect([good.starts, good.stops]).toEqual([1, 1])
  })

  test('a gate that could not start may be started again', async () => {
    let down = true
    const moody = desk('moody', {
      async start() {
        if (down) throw new Error('not yet')
      },
    })
    const s = scene({ approvers: [moody], policy: [when('*').allow()] })
    const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
    await attempt(tool()).ended
    down = false
    const again = attempt(tool())
    await again.ended
    expect(again.value).toBe('done')
    expect(s.runs).toHaveLength(1)
  })

  test('a start that fails in its recovery leaves nothing behind: no approver, no listener', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    let down = true
    let listening = 0
    const moody = Object.assign(Object.create(store), {
      changes(listener: (ids: readonly string[]) => void, signal: AbortSignal) {
        listening += 1
        signal.addEventListener('abort', () => {
          listening -= 1
        })
        store.changes(listener, signal)
      },
      list: (...asked: Parameters<typeof store.list>) => {
        if (down) throw new Error('the database is gone')
        return store.list(...asked)
      },
    })
    const deaf = desk('deaf', { stop: () => Promise.reject(new Error('cannot hang up')) })
    const good = desk('good')
    const s = scene({ clock, store: moody, approvers: [deaf, good] })
    await expect(s.gate.start()).rejects.toThrow('the store did not answer')
    expect([listening, good.starts, good.stops]).toEqual([0, 1, 1])
    down = false
    await s.gate.start()
    expect([listening, good.starts, good.stops]).toEqual([1, 2, 1])
    await s.gate.close()
    expect([listening, good.stops]).toEqual([0, 2])
  })

  test('closing rejects those that wait, keeps their requests, lets what runs finish, and is idempotent', async () => {
    const s = scene()
    let finish = () => {}
    const running = attempt(
      s.gate.requireApproval(() => new Promise<string>((resolve) => (finish = () => resolve('done'))), {
        action: 'a.run',
      })(),
    )
    await s.approve((await s.only()).id)
    const waiting = attempt(s.gate.requireApproval(s.effect, { action: 'a.wait' })())
    const { id } = await s.only()
    const closing = s.gate.close()
    expect(s.gate.close()).toBe(closing)
    await settle()
    expect(waiting.code).toBe('ERR_GATE_CLOSED')
    expect(running.state).toBe('waiting')
    finish()
    await closing
    expect(running.value).toBe('done')
    expect((await s.request(id)).status).toBe('pending')
    expect(s.desk.stops).toBe(1)
    expect(s.audit.events.at(-1)?.type).toBe('gate.closed')
    const after = attempt(s.gate.requireApproval(s.effect, { action: 'a.wait' })())
    await after.ended
    expect(after.code).toBe('ERR_GATE_CLOSED')
    expect(s.runs).toEqual([])
  })

  test('a call whose lookup comes back after closing is rejected too, and does not wait for ever', async () => {
    const s = scene()
    let answer = () => {}
    const call = attempt(
      s.gate.requireApproval(s.effect, {
        action: 'a.run',
        context: () => new Promise((resolve) => (answer = () => resolve({}))),
      })(),
    )
    await settle()
    const closing = s.gate.close()
    answer()
    await closing
    await settle()
    expect(call.code).toBe('ERR_GATE_CLOSED')
    expect(s.runs).toEqual([])
  })

  test('closing before anything was started is quick, and final', async () => {
    const s = scene()
    await s.gate.close()
    const call = attempt(s.gate.start())
    await call.ended
    expect(call.code).toBe('ERR_GATE_CLOSED')
    expect(s.desk.starts).toBe(0)
  })

  test('stores and sinks that were given stay open; those of an ephemeral gate end with it', async () => {
    const s = scene()
    await s.gate.start()
    await s.close()
    expect(await s.store.list({})).toMatchObject({ requests: [] })
    const clock = fakeClock()
    const gate = createGate({
      agent: { id: 'bot', owner: null },
      approvers: [],
      reviewers: group('ops'),
      ephemeral: true,
      clock,
    })
    await gate.start()
    await gate.close()
    const call = attempt(gate.requests.list())
    await call.ended
    expect(['resolved', 'rejected']).toContain(call.state)
  })

  test('leaving an await-using block closes the gate', async () => {
    const inbox = desk()
    const options: GateOptions = {
      agent: { id: 'bot', owner: null },
      approvers: [inbox],
      reviewers: group('ops'),
      ephemeral: true,
    }
    const gate = createGate(options)
    await gate.start()
    await gate[Symbol.asyncDispose]()
    expect(inbox.stops).toBe(1)
  })

  test('an approver that does not stop cleanly keeps nothing open', async () => {
    const s = scene({
      approvers: [desk('stubborn', { stop: () => Promise.reject(new Error('no')) }), desk('good')],
    })
    await s.gate.start()
    await s.close()
    expect(s.audit.events.at(-1)?.type).toBe('gate.closed')
  })
})

describe('listening', () => {
  test('each step is told by its type and as "event", with the request after it', async () => {
    const s = scene()
    const told: string[] = []
    const statuses: (string | undefined)[] = []
    s.gate.on('request.approved', ({ event, request }) => {
      told.push(event.type)
      statuses.push(request?.status)
    })
    s.gate.on('event', ({ event }) => void told.push(`* ${event.type}`))
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })())
    await s.approve((await s.only()).id)
    await call.ended
    expect(told).toContain('request.approved')
    expect(told.filter((type) => type.startsWith('* request.') || type.startsWith('* execution.'))).toEqual([
      '* request.created',
      '* request.vote-cast',
      '* request.approved',
      '* execution.started',
      '* execution.succeeded',
    ])
    expect(statuses).toEqual(['approved'])
  })

  test('a listener that throws, rejects or meddles changes nothing', async () => {
    const s = scene()
    s.gate.on('event', () => {
      throw new Error('listener')
    })
    s.gate.on('event', (happened) => {
      Object.assign(happened.event.data, { basis: 'forged' })
    })
    s.gate.on('event', ({ request }) => {
      if (request !== null) Object.assign(request, { status: 'approved' })
    })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })())
    const { id, status } = await s.only()
    expect(status).toBe('pending')
    expect(s.runs).toEqual([])
    await s.approve(id)
    await call.ended
    expect(call.value).toBe('done')
    expect(JSON.stringify(s.audit.events)).not.toContain('forged')
  })

  test('a listener cannot change what stands in the log of an allowed call', async () => {
    const s = scene({ policy: [when('*').allow()], audit: tape() })
    s.gate.on('event', ({ event }) => {
      Object.assign(event, { type: 'forged' })
      Object.assign(event.data, { basis: 'forged' })
    })
    await attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })()).ended
    await settle()
    expect(JSON.stringify(s.audit.events)).not.toContain('forged')
  })

  test('stops when told to', async () => {
    const s = scene()
    let heard = 0
    const stop = s.gate.on('request.created', () => {
      heard += 1
    })
    void attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
    await settle()
    stop()
    stop()
    void attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(2))
    await settle()
    expect(heard).toBe(1)
  })
})

describe('asking without a function', () => {
  async function ask(
    s: ReturnType<typeof scene>,
    decide: 'approve' | 'reject' | 'edit' | 'nothing',
  ): Promise<Answer> {
    const asked = attempt(s.gate.request({ action: 'deploy.run', args: { version: '1.2' } }))
    for (const { id } of await s.pending()) {
      if (decide === 'approve') await s.approve(id)
      if (decide === 'reject') await s.reject(id, ada, 'too early')
      if (decide === 'edit') await s.approve(id, ada, { edits: [{ path: '/version', value: '1.1' }] })
    }
    await asked.ended
    if (asked.value === undefined) throw asked.error
    return asked.value
  }

  test('an approved answer runs something once, on the arguments that were approved', async () => {
    const s = scene()
    const answer = await ask(s, 'approve')
    expect(answer).toMatchObject({ status: 'approved', args: { version: '1.2' }, reason: null })
    const first = attempt(answer.execute(async (args) => s.effect(args)))
    await first.ended
    expect(s.runs).toEqual([[{ version: '1.2' }]])
    const again = attempt(answer.execute(async (args) => s.effect(args)))
    await again.ended
    expect(again.code).toBe('ERR_ALREADY_EXECUTED')
    expect(s.runs).toHaveLength(1)
  })

  test('a rejected or denied answer resolves, and executes nothing', async () => {
    const s = scene({ policy: [when('never.*').deny('no')] })
    const rejected = await ask(s, 'reject')
    expect(rejected).toMatchObject({ status: 'rejected', reason: 'too early' })
    const denied = await s.gate.request({ action: 'never.run', args: {} })
    expect(denied).toMatchObject({ status: 'denied', requestId: null, reason: 'no' })
    const calls = [rejected, denied].map((answer) => attempt(answer.execute(() => s.effect())))
    await Promise.all(calls.map(({ ended }) => ended))
    expect(calls.map(({ code }) => code)).toEqual(['ERR_APPROVAL_REJECTED', 'ERR_APPROVAL_DENIED'])
    expect(s.runs).toEqual([])
  })

  test('an allowed answer is one call: it runs once, and not after policy changed its mind', async () => {
    let effect: 'allow' | 'deny' = 'allow'
    const s = scene({
      policy: [
        {
          id: 'p',
          version: 1,
          decide: () => (effect === 'allow' ? { effect } : { effect, reason: 'frozen' }),
        },
      ],
    })
    const once = await s.gate.request({ action: 'deploy.run', args: {} })
    expect(once.status).toBe('allowed')
    await once.execute(() => s.effect(1))
    const again = attempt(once.execute(() => s.effect(2)))
    await again.ended
    expect(again.code).toBe('ERR_ALREADY_EXECUTED')
    const late = await s.gate.request({ action: 'deploy.run', args: {} })
    effect = 'deny'
    const denied = attempt(late.execute(() => s.effect(3)))
    await denied.ended
    expect(denied.code).toBe('ERR_APPROVAL_DENIED')
    expect(s.runs).toEqual([[1]])
  })

  test('a suspended answer says pending, and executes nothing', async () => {
    const s = scene({ wait: 'suspend' })
    const answer = await s.gate.request({ action: 'deploy.run', args: {} })
    expect(answer.status).toBe('pending')
    const call = attempt(answer.execute(() => s.effect()))
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_PENDING')
    expect(s.runs).toEqual([])
  })

  test('works with the mock approver', async () => {
    const approver = mockApprover().approve('deploy.*')
    const s = scene({ approvers: [approver] })
    const answer = await s.gate.request({ action: 'deploy.run', args: { version: '2' } })
    expect(await answer.execute((args) => `deployed ${String(args['version'])}`)).toBe('deployed 2')
  })

  test('execute takes a function, and refuses anything else before it claims', async () => {
    const s = scene()
    const answer = await ask(s, 'approve')
    const call = attempt(answer.execute('work' as never))
    await call.ended
    expect(call.state).toBe('rejected')
    expect((await s.request(answer.requestId ?? '')).status).toBe('approved')
  })
})

describe('looking', () => {
  test('requests can be got, listed and reviewed before the gate has started', async () => {
    const s = scene({ store: memoryStore(), audit: tape() })
    expect(await s.gate.requests.get('nothing')).toBeNull()
    expect(await s.gate.requests.review('nothing')).toBeNull()
    expect(await s.gate.requests.list()).toMatchObject({ requests: [], cursor: null })
    expect(await reviewAccess(s.gate).grants.list()).toEqual([])
    expect(memoryAudit().events).toEqual([])
  })
})
