import { memoryStore, when } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { type Attempt, ada, attempt, ben, type Scene, scene, settle, wired } from '../../test/scene'

const KEYED = { action: 'data.export', key: () => 'k' } as const

/** A gated function that runs until it is told to stop. */
function stoppable(s: Scene, options: object = KEYED) {
  let finish = (_value: string) => {}
  let fail = (_error: unknown) => {}
  const signals: (AbortSignal | undefined)[] = []
  const tool = s.gate.requireApproval(
    async (...args: unknown[]) => {
      const { currentSession } = await import('@gatewright/core')
      signals.push(currentSession()?.signal)
      await s.effect(...args)
      return new Promise<string>((resolve, reject) => {
        finish = resolve
        fail = reject
      })
    },
    options as typeof KEYED,
  )
  return { tool, finish: (value: string) => finish(value), fail: (error: unknown) => fail(error), signals }
}

describe('how a caller waits', () => {
  test('inlineFor waits so long and then suspends; the request stays', async () => {
    const s = scene({ wait: { inlineFor: '30s' } })
    const tool = s.gate.requireApproval(s.effect, KEYED)
    const call = attempt(tool('users'))
    await s.clock.advance('29s')
    expect(call.state).toBe('waiting')
    await s.clock.advance('2s')
    expect(call.code).toBe('ERR_APPROVAL_PENDING')
    const { id } = await s.only()
    await s.approve(id)
    expect(s.runs).toEqual([])
    await attempt(tool('users')).ended
    expect(s.runs).toHaveLength(1)
  })

  test('inlineFor: decided within its time, the call runs as if it had waited', async () => {
    const s = scene({ wait: { inlineFor: '30s' } })
    const call = attempt(s.gate.requireApproval(s.effect, KEYED)('users'))
    await s.approve((await s.only()).id)
    await call.ended
    expect(call.value).toBe('done')
    await s.clock.advance('1m')
    expect(call.value).toBe('done')
  })

  test('the call’s own mode beats the context’s, and that the gate’s', async () => {
    const s = scene({ wait: 'inline' })
    const own = s.gate.requireApproval(s.effect, { action: 'data.export', wait: 'suspend' })
    const plain = s.gate.requireApproval(s.effect, { action: 'data.drop' })
    const calls = [attempt(own()), attempt(s.gate.as({ wait: 'suspend' }, () => plain())), attempt(plain(1))]
    await settle()
    expect(calls.map(({ code }) => code)).toEqual(['ERR_APPROVAL_PENDING', 'ERR_APPROVAL_PENDING', undefined])
  })

  test('resume follows a pending request, runs it once approved, and again gives only an error', async () => {
    const s = scene({ wait: 'suspend' })
    await attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users')).ended
    const { id } = await s.only()
    const early = attempt(s.gate.resume(id))
    await early.ended
    expect(early.code).toBe('ERR_APPROVAL_PENDING')
    const waiting = attempt(s.gate.resume(id, { wait: 'inline' }))
    await s.approve(id)
    await waiting.ended
    expect(waiting.value).toBe('done')
    const again = attempt(s.gate.resume(id))
    await again.ended
    expect(again.code).toBe('ERR_ALREADY_EXECUTED')
    expect(s.runs).toEqual([['users']])
  })

  test('resume in another process finds what was wrapped there, though it was never called', async () => {
    const first = scene({ wait: 'suspend' })
    await attempt(first.gate.requireApproval(first.effect, { action: 'data.export' })('users')).ended
    const { id } = await first.only()
    const second = first.neighbour()
    second.gate.requireApproval(second.effect, { action: 'data.export' })
    await second.approve(id)
    const resumed = attempt(second.gate.resume(id))
    await resumed.ended
    expect(resumed.value).toBe('done')
    expect(second.runs).toEqual([['users']])
  })

  test.each<[string, (s: Scene) => void, RegExp]>([
    ['nothing is wrapped', () => {}, /no function is registered/],
    [
      'two functions have the name',
      ({ gate }) => {
        for (const n of [1, 2]) gate.requireApproval(async () => n, { action: 'data.export' })
      },
      /two functions/,
    ],
  ])('resume refuses when %s', async (_what, wrap, why) => {
    const first = scene({ wait: 'suspend' })
    await attempt(first.gate.requireApproval(first.effect, { action: 'data.export' })('users')).ended
    const { id } = await first.only()
    await first.approve(id)
    const second = first.neighbour()
    wrap(second)
    const resumed = attempt(second.gate.resume(id))
    await resumed.ended
    expect(resumed.code).toBe('ERR_REQUEST_NOT_RESUMABLE')
    expect(resumed.message).toMatch(why)
    expect((await second.request(id)).status).toBe('approved')
    expect(first.runs).toEqual([])
  })

  test('resume of an unknown id says so', async () => {
    const s = scene()
    const resumed = attempt(s.gate.resume('nothing'))
    await resumed.ended
    expect(resumed.code).toBe('ERR_REQUEST_NOT_FOUND')
  })

  test('a request with live values can only run where it was made', async () => {
    const s = scene({ wait: 'suspend' })
    const tool = s.gate.requireApproval(async (stream: { id: number }) => s.effect(stream), {
      action: 'data.send',
      parameters: ['stream'],
      facts: { stream: (value) => ({ id: (value as { id: number }).id }) },
      key: () => 'k',
    })
    const stream = { id: 7, write: () => {} }
    await attempt(tool(stream)).ended
    const { id } = await s.only()
    await s.approve(id)
    const resumed = attempt(s.gate.resume(id))
    await resumed.ended
    expect(resumed.code).toBe('ERR_REQUEST_NOT_RESUMABLE')
    await attempt(tool(stream)).ended
    expect(s.runs).toHaveLength(1)
    expect(s.runs[0]?.[0]).toBe(stream)
  })
})

describe('a caller that aborts', () => {
  const reason = new Error('the user closed the tab')

  test('before the call: nothing is asked', async () => {
    const s = scene()
    const call = attempt(
      s.gate.as({ signal: AbortSignal.abort(reason) }, () =>
        s.gate.requireApproval(s.effect, KEYED)('users'),
      ),
    )
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_CANCELLED')
    expect((call.error as Error).cause).toBe(reason)
    expect(await s.pending()).toEqual([])
  })

  test('while policy decides: nothing is asked', async () => {
    let decide = () => {}
    const s = scene({
      policy: [
        {
          id: 'p',
          version: 1,
          decide: () => new Promise((resolve) => (decide = () => resolve({ effect: 'abstain' }))),
        },
      ],
    })
    const abort = new AbortController()
    const call = attempt(
      s.gate.as({ signal: abort.signal }, () => s.gate.requireApproval(s.effect, KEYED)('users')),
    )
    await settle()
    abort.abort(reason)
    decide()
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_CANCELLED')
    expect(await s.pending()).toEqual([])
  })

  test('while it waits: the request is cancelled, and its people see that', async () => {
    const s = scene()
    const abort = new AbortController()
    const call = attempt(
      s.gate.as({ signal: abort.signal }, () => s.gate.requireApproval(s.effect, KEYED)('users')),
    )
    const { id } = await s.only()
    abort.abort(reason)
    await call.ended
    await settle()
    expect(call.code).toBe('ERR_APPROVAL_CANCELLED')
    expect(await s.types(id)).toEqual(['request.created', 'request.cancelled'])
    expect(s.desk.updates.at(-1)?.review.progress.status).toBe('cancelled')
    expect((await s.approve(id)).status).toBe('too-late')
  })

  test('while the approval is checked once more: it does not run, then or later', async () => {
    let check = () => {}
    let slow = false
    const s = scene({
      policy: [
        {
          id: 'p',
          version: 1,
          decide: () =>
            slow
              ? new Promise((resolve) => (check = () => resolve({ effect: 'abstain' })))
              : { effect: 'abstain' },
        },
      ],
    })
    const abort = new AbortController()
    const call = attempt(
      s.gate.as({ signal: abort.signal }, () => s.gate.requireApproval(s.effect, KEYED)('users')),
    )
    const { id } = await s.only()
    slow = true
    await s.approve(id)
    abort.abort(reason)
    check()
    await call.ended
    expect(call.code).toBe('ERR_APPROVAL_CANCELLED')
    expect(s.runs).toEqual([])
    expect((await s.request(id)).status).toBe('cancelled')
  })

  test('between the claim and the run: it is blocked', async () => {
    const s = scene()
    const abort = new AbortController()
    const call = attempt(
      s.gate.as({ signal: abort.signal }, () => s.gate.requireApproval(s.effect, KEYED)('users')),
    )
    const { id } = await s.only()
    s.gate.on('execution.started', () => abort.abort(reason))
    await s.approve(id)
    await call.ended
    expect(s.runs).toEqual([])
    expect(call.code).toBe('ERR_EXECUTION_BLOCKED')
    expect((await s.request(id)).status).toBe('blocked')
  })

  test('while it runs: the session’s signal tells the function, whose end is the outcome', async () => {
    const s = scene()
    const abort = new AbortController()
    const { tool, fail, signals } = stoppable(s)
    const call = attempt(s.gate.as({ signal: abort.signal }, () => tool('users')))
    const { id } = await s.only()
    await s.approve(id)
    abort.abort(reason)
    expect(signals[0]?.aborted).toBe(true)
    expect(signals[0]?.reason).toBe(reason)
    expect(call.state).toBe('waiting')
    fail(new Error('stopped half-way'))
    await call.ended
    expect(call.message).toBe('stopped half-way')
    expect((await s.request(id)).status).toBe('failed')
  })

  test('a second caller that aborts while the first one’s run goes on waits for its end, without spinning', async () => {
    const clock = fakeClock()
    let reads = 0
    const store = wired(memoryStore({ clock }), {
      async before(method) {
        if (method === 'get' && ++reads > 500) throw new Error('the store is asked over and over')
      },
    })
    const s = scene({ clock, store })
    const { tool, finish } = stoppable(s)
    const first = attempt(tool('users'))
    await s.approve((await s.only()).id)
    const abort = new AbortController()
    const second = attempt(s.gate.as({ signal: abort.signal }, () => tool('users')))
    await settle()
    abort.abort(reason)
    await settle()
    expect(reads).toBeLessThan(50)
    finish('done')
    await first.ended
    await second.ended
    expect(first.value).toBe('done')
    expect(second.state).toBe('rejected')
    expect(s.runs).toHaveLength(1)
  })

  test('cancelling an approved request that nobody runs ends it; cancelling what runs does not', async () => {
    const s = scene({ wait: 'suspend' })
    const { tool, finish } = stoppable(s)
    await attempt(tool('users')).ended
    const { id } = await s.only()
    await s.approve(id)
    const run = attempt(tool('users'))
    await settle()
    expect((await s.gate.cancel(id))?.status).toBe('executing')
    finish('done')
    await run.ended
    expect(run.value).toBe('done')
    await attempt(s.gate.requireApproval(s.effect, { action: 'data.drop' })()).ended
    const other = await s.only()
    await s.approve(other.id)
    expect((await s.gate.cancel(other.id, { by: ada, reason: 'changed my mind' }))?.status).toBe('cancelled')
    expect(await s.gate.cancel('nothing')).toBeNull()
  })
})

describe('several callers of one key', () => {
  test('all of them wait for one request; one runs, and the others learn of it', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { ...KEYED, keepResult: true })
    const calls: Attempt[] = [1, 2, 3].map(() => attempt(tool('users')))
    await s.approve((await s.only()).id)
    await Promise.all(calls.map(({ ended }) => ended))
    expect(calls.map(({ value }) => value)).toEqual(['done', 'done', 'done'])
    expect(s.runs).toHaveLength(1)
  })

  test('a kept result comes back faithfully, and one that cannot be kept is no second run', async () => {
    const s = scene()
    const results: unknown[] = [
      { when: new Date(5), big: 1n, map: new Map([[1, undefined]]) },
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('hostile')
          },
          ownKeys: () => {
            throw new Error('hostile')
          },
        },
      ),
    ]
    for (const [index, result] of results.entries()) {
      const tool = s.gate.requireApproval(async () => ({ result }), {
        action: `data.export${index}`,
        key: () => 'k',
        keepResult: true,
      })
      const first = attempt(tool())
      const { id } = await s.only()
      await s.approve(id)
      await first.ended
      expect((await s.request(id)).status).toBe('succeeded')
      expect(first.value?.result).toBe(result)
      const second = attempt(tool())
      await second.ended
      if (index === 0) expect(second.value).toEqual({ result })
      else expect(second.code).toBe('ERR_ALREADY_EXECUTED')
    }
  })

  test('a keyed call that policy allows runs once, and its repetition does not', async () => {
    const s = scene({ policy: [when('*').allow()] })
    const tool = s.gate.requireApproval(s.effect, KEYED)
    await attempt(tool('users')).ended
    const again = attempt(tool('users'))
    await again.ended
    expect(again.code).toBe('ERR_ALREADY_EXECUTED')
    expect(s.runs).toHaveLength(1)
    expect((await s.events('execution.started'))[0]?.data['basis']).toBe('policy')
  })

  test('a suspended call finds a run in progress, and does not say that nothing was executed', async () => {
    const s = scene({ wait: 'suspend' })
    const { tool, finish } = stoppable(s)
    await attempt(tool('users')).ended
    await s.approve((await s.only()).id)
    const run = attempt(tool('users'))
    await settle()
    const other = attempt(tool('users'))
    await settle()
    expect(other.message).not.toMatch(/nothing was executed/i)
    finish('done')
    await run.ended
    await other.ended
    expect(s.runs).toHaveLength(1)
  })

  test('a retry in another process races with one here: one attempt runs', async () => {
    const s = scene()
    let ran = 0
    const work = async () => {
      ran += 1
      if (ran === 1) throw new Error('no')
    }
    const options = { ...KEYED, idempotent: true, retry: true }
    const tool = s.gate.requireApproval(work, options)
    const first = attempt(tool())
    await s.approve((await s.only()).id, ben)
    await first.ended
    const other = s.neighbour()
    const there = other.gate.requireApproval(work, options)
    const calls = [attempt(tool()), attempt(there()), attempt(tool())]
    await s.clock.advance('2m')
    expect(ran).toBe(2)
    expect(calls.map(({ code }) => code ?? 'ok').sort()).toEqual([
      'ERR_ALREADY_EXECUTED',
      'ERR_ALREADY_EXECUTED',
      'ok',
    ])
  })
})
