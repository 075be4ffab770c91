import { GatewrightError, OptionError } from '@gatewright/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fakeHost } from './conformance/fake-host'
import { fakeClock } from './fake-clock'
import { mockApprover } from './mock-approver'
import { ada, deliver, ops, signal, stage, started } from './mock-approver-fixtures'
import type { ArgumentsEdit } from './mock-approver-rules'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the script', () => {
  test('approves, rejects with a reason, edits and ignores by action, pattern and predicate', async () => {
    const approver = mockApprover()
      .approve('data.export')
      .reject('customer.*', 'not today')
      .edit('report.send', (args) => ({ ...args, rows: 10 }))
      .ignore(({ content }) => content.requester.id === 'quiet-bot')
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    await deliver(approver, host, { requestId: 'r2', action: 'customer.delete' })
    await deliver(approver, host, {
      requestId: 'r3',
      action: 'report.send',
      args: { rows: 900, to: ['a', 'b'] },
    })
    await deliver(approver, host, { requestId: 'r4', action: 'other', requester: 'quiet-bot' })
    expect(
      host.counted.map(({ requestId, decision, note, edits }) => [requestId, decision, note, edits]),
    ).toEqual([
      ['r1', 'approve', undefined, undefined],
      ['r2', 'reject', 'not today', undefined],
      ['r3', 'approve', undefined, [{ path: '/rows', value: 10 }]],
    ])
  })

  test('the first rule that speaks of a request decides; customer.* does not cover customer or customers.list', async () => {
    const approver = mockApprover({ otherwise: 'ignore' })
      .reject('customer.delete', 'first')
      .approve('customer.*')
    const host = await started(approver)
    for (const action of ['customer.delete', 'customer.read.all', 'customer', 'customers.list']) {
      await deliver(approver, host, { requestId: action, action })
    }
    expect(host.votes.map(({ requestId, decision }) => `${requestId} ${decision}`)).toEqual([
      'customer.delete reject',
      'customer.read.all approve',
    ])
  })

  test('times bounds the requests a rule speaks of, not their deliveries', async () => {
    const approver = mockApprover({ otherwise: 'ignore' })
      .approve('data.export', { times: 1 })
      .reject('data.export', 'no more')
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' }, { purpose: 'ask', stages: [stage('first', 'ops', 1)] })
    await deliver(
      approver,
      host,
      { requestId: 'r1' },
      { purpose: 'ask', stages: [stage('second', 'security', 1)] },
    )
    await deliver(approver, host, { requestId: 'r2' })
    expect(host.votes.map(({ requestId, decision }) => `${requestId} ${decision}`)).toEqual([
      'r1 approve',
      'r1 approve',
      'r2 reject',
    ])
    expect(new Set(host.votes.map(({ actor }) => actor.subject)).size).toBe(3)
  })

  test('a request without a rule is rejected, and the reason names the missing rule', async () => {
    const approver = mockApprover().approve('data.export')
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1', action: 'data.drop' })
    expect(host.votes).toMatchObject([
      { decision: 'reject', note: 'the mock approver has no rule for data.drop' },
    ])
  })

  test.each([
    ['approve', ['approve']],
    ['reject', ['reject']],
    ['ignore', []],
  ] as const)('otherwise: %s', async (otherwise, decisions) => {
    const approver = mockApprover({ otherwise })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    expect(host.votes.map(({ decision }) => decision)).toEqual(decisions)
  })

  test('people take their time on the gate’s clock', async () => {
    const approver = mockApprover().approve('*', { after: '5m' })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    await host.clock.advance(299_999)
    expect(host.votes).toEqual([])
    await host.clock.advance(1)
    expect(host.votes).toHaveLength(1)
  })

  test('an unreachable reviewer makes the delivery fail, as often as it says', async () => {
    const approver = mockApprover().unreachable('*', { times: 1 }).approve()
    const host = await started(approver)
    await expect(deliver(approver, host, { requestId: 'r1' })).rejects.toThrow('unreachable by script')
    await deliver(approver, host, { requestId: 'r2' })
    expect(host.votes.map(({ requestId }) => requestId)).toEqual(['r2'])
  })

  test.each([
    [() => mockApprover({ otherwhise: 'approve' } as object), 'mockApprover.otherwhise'],
    [() => mockApprover({ otherwise: 'yes' as 'approve' }), 'mockApprover.otherwise'],
    [() => mockApprover().approve('Data Export'), 'mockApprover.approve.match'],
    [() => mockApprover().approve('data.*.export'), 'mockApprover.approve.match'],
    [() => mockApprover().approve('*', { time: 1 } as object), 'mockApprover.approve.time'],
    [() => mockApprover().reject('*', 'no', { times: 0 }), 'mockApprover.reject.times'],
    [() => mockApprover().approve('*', { after: 'soon' as '5m' }), 'mockApprover.approve.after'],
  ])('refuses a wrong option, naming it (%#)', (make, option) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(option)
  })
})

describe('what it refuses', () => {
  test('start rejects in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(mockApprover().start?.(fakeHost(fakeClock()))).rejects.toThrow(/NODE_ENV=production/)
    vi.stubEnv('NODE_ENV', 'test')
    await expect(mockApprover().start?.(fakeHost(fakeClock()))).resolves.toBeUndefined()
  })

  test('T13: a document that is not complete is not approved, and the log says so', async () => {
    const limits = { leafCharacters: 4, leaves: 1, totalCharacters: 4 }
    const approver = mockApprover({ limits }).reject('data.drop', 'no').approve()
    const host = await started(approver)
    const warn = vi.spyOn(host.logger, 'warn')
    await deliver(approver, host, { requestId: 'r1' })
    await deliver(approver, host, { requestId: 'r2', action: 'data.drop' })
    expect(host.votes.map(({ requestId, decision }) => `${requestId} ${decision}`)).toEqual(['r2 reject'])
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/data\.export is not shown in full .* not approved/),
    )
  })

  test.each<[string, ArgumentsEdit]>([
    ['named arguments', { rows: 10, 'a/b': 'x', table: undefined }],
    [
      'a list',
      [
        { path: '/rows', value: 10 },
        { path: '/a~1b', value: 'x' },
        { path: '/table', remove: true },
      ],
    ],
    ['a function', ({ table: _, ...args }) => ({ ...args, rows: 10, 'a/b': 'x' })],
  ])('an edit is written as %s', async (_what, change) => {
    const approver = mockApprover().edit('*', change)
    const host = await started(approver)
    await deliver(approver, host, {
      requestId: 'r1',
      args: { rows: 900, table: 'a', key: 'k' },
      redacted: ['/key'],
    })
    expect(host.args('r1')).toEqual({ rows: 10, 'a/b': 'x', key: 'k' })
  })

  test('an edit of what is not shown in full is not cast; the log says which', async () => {
    const approver = mockApprover().edit('*', (args) => ({ ...args, password: 'mine' }))
    const host = await started(approver)
    const error = vi.spyOn(host.logger, 'error')
    const review = host.ask({ requestId: 'r1' })
    const hidden = {
      path: '/password',
      type: 'string',
      text: '[redacted: key]',
      marks: ['redacted'],
      omitted: 0,
    } as const
    await approver.deliver(
      { ...review, content: { ...review.content, arguments: [hidden] } },
      ops,
      'd',
      signal,
    )
    await host.clock.settle()
    expect(host.votes).toEqual([])
    expect(String(error.mock.calls[0]?.[1]?.error)).toContain('/password is redacted')
  })

  test('a delivery whose signal is aborted, and one before start', async () => {
    const approver = mockApprover().approve()
    const review = fakeHost(fakeClock()).ask({ requestId: 'r1' })
    await expect(approver.deliver(review, ops, 'd', signal)).rejects.toThrow('not started')
    const host = await started(approver)
    await expect(approver.deliver(review, ops, 'd', AbortSignal.abort())).rejects.toThrow()
    await host.clock.settle()
    expect(host.votes).toEqual([])
  })

  test('a vote that the gate refuses or fails to store is kept, and said', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    const said = [vi.spyOn(host.logger, 'warn'), vi.spyOn(host.logger, 'error')]
    host.answerNext({ status: 'refused', reason: 'own-request', message: 'You may not approve your own.' })
    await deliver(approver, host, { requestId: 'r1' })
    const down = new GatewrightError('ERR_STORE_UNAVAILABLE', 'the store is down')
    host.answerNext(down)
    await deliver(approver, host, { requestId: 'r2' })
    expect(approver.votes).toMatchObject([
      { receipt: { reason: 'own-request' } },
      { receipt: null, error: down },
    ])
    expect(said[0]).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('You may not approve your own.'))
    expect(said[1]).toHaveBeenCalledOnce()
  })
})

describe('what it keeps', () => {
  test('every message, update and vote', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    await approver.update?.(host.review('r1'), { id: 'd1', reference: null })
    expect(approver.seen).toMatchObject([
      { review: { requestId: 'r1', progress: { status: 'pending' } }, to: ops },
    ])
    expect(approver.updates).toMatchObject([
      { review: { progress: { status: 'approved' } }, delivery: { id: 'd1' } },
    ])
    expect(approver.votes).toMatchObject([{ vote: { decision: 'approve' }, receipt: { status: 'counted' } }])
  })

  test('T51: a delivery id that comes twice is one message and one vote', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    const review = host.ask({ requestId: 'r1' })
    await Promise.all([1, 2].map(() => approver.deliver(review, ops, 'same', signal)))
    await host.clock.settle()
    expect(approver.seen).toHaveLength(1)
    expect(host.votes).toHaveLength(1)
  })

  test('nothing with record: false, and then it has no update to slow a gate down', async () => {
    const approver = mockApprover({ record: false }).approve()
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    expect(host.votes).toHaveLength(1)
    expect([approver.seen, approver.votes, approver.updates]).toEqual([[], [], []])
    expect('update' in approver).toBe(false)
  })

  test('a reminder is seen, and asks nobody to vote again', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    await deliver(approver, host, { requestId: 'r1' }, { ...ops, purpose: 'remind' })
    expect(approver.seen.map(({ to }) => to.purpose)).toEqual(['ask', 'remind'])
    expect(host.votes).toHaveLength(1)
  })
})

describe('by hand', () => {
  test('next gives each message once, before or after it came, and vote decides it', async () => {
    const approver = mockApprover({ otherwise: 'ignore' })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    const drop = approver.next('data.drop')
    await deliver(approver, host, { requestId: 'r2', action: 'data.drop' })
    await deliver(approver, host, { requestId: 'r3' })
    const both = [approver.next('later.*'), approver.next('later.*')]
    for (const requestId of ['later1', 'later2'])
      await deliver(approver, host, { requestId, action: 'later.run' })
    const ids = (await Promise.all(both)).map(({ review }) => review.requestId)
    expect(ids).toEqual(['later1', 'later2'])
    expect((await approver.next()).review.requestId).toBe('r1')
    expect((await approver.next('data.*')).review.requestId).toBe('r3')
    const receipt = await approver.vote(await drop, 'approve', { note: 'seen', by: ada })
    expect(receipt.status).toBe('counted')
    expect(host.counted).toMatchObject([{ requestId: 'r2', decision: 'approve', note: 'seen', actor: ada }])
  })

  test('votes as the reviewer the message is for, on what it shows', async () => {
    const approver = mockApprover({ otherwise: 'ignore' })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    const asked = await approver.next()
    await approver.vote(asked, 'reject')
    expect(host.votes).toMatchObject([
      { digest: asked.review.digest, actor: { issuer: 'mock', groups: ['ops'] } },
    ])
    expect(host.votes[0]).not.toHaveProperty('note')
  })
})

describe('stop', () => {
  test('cancels what was to come, is idempotent, and nothing is cast afterwards', async () => {
    const approver = mockApprover().approve('*', { after: '5m' })
    const host = await started(approver)
    await deliver(approver, host, { requestId: 'r1' })
    const waiting = approver.next('data.drop')
    await Promise.all([approver.stop?.(), expect(waiting).rejects.toThrow('mock was stopped')])
    await approver.stop?.()
    expect(host.clock.pendingTimers).toBe(0)
    await host.clock.advance('1h')
    expect(host.votes).toEqual([])
  })

  test('waits for the vote that is under way, and casts no further one', async () => {
    const approver = mockApprover().approve()
    const host = await started(approver)
    const slow = deferred()
    vi.spyOn(host, 'vote').mockImplementation(async () => {
      await slow.promise
      return { status: 'counted', requestStatus: 'pending', message: '' }
    })
    await deliver(
      approver,
      host,
      { requestId: 'r1' },
      { purpose: 'ask', stages: [stage('review', 'ops', 2)] },
    )
    let stopped = false
    const stopping = approver.stop?.().then(() => {
      stopped = true
    })
    await host.clock.settle()
    expect(stopped).toBe(false)
    slow.resolve(undefined)
    await stopping
    expect(host.vote).toHaveBeenCalledOnce()
  })
})

function deferred(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let resolve: (value: unknown) => void = () => {}
  const promise = new Promise((done) => {
    resolve = done
  })
  return { promise, resolve }
}
