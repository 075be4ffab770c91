import { currentSession, GatewrightError, memoryStore, type Session, when } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, type Scene, scene, settle, tape, wired } from '../../test/scene'

const allowAll = { policy: [when('*').allow()] }

/** Both ways to run: on a vote, through a request; and on policy's word, through the log alone. */
const WAYS = [
  ['votes', {}],
  ['policy', allowAll],
] as const

async function approveAll(s: Scene): Promise<void> {
  for (const { id } of await s.pending()) await s.approve(id)
}

describe.each(WAYS)('a run on %s', (basis, options) => {
  test('gives the caller the function’s own result and its own error', async () => {
    const s = scene(options)
    const boom = new TypeError('boom')
    const good = attempt(s.gate.requireApproval(async () => 42, { action: 'a.good' })())
    const bad = attempt(s.gate.requireApproval(async () => Promise.reject(boom), { action: 'a.bad' })())
    await approveAll(s)
    await Promise.all([good.ended, bad.ended])
    expect(good.value).toBe(42)
    expect(bad.error).toBe(boom)
    const types = await s.types()
    expect(types).toContain('execution.succeeded')
    expect(types).toContain('execution.failed')
  })

  test('I8: is unknown where the function itself says that nobody knows how it ended', async () => {
    const s = scene(options)
    const lost = new GatewrightError('ERR_EXECUTION_UNKNOWN', 'the process that ran it is gone')
    const call = attempt(s.gate.requireApproval(async () => Promise.reject(lost), { action: 'a.lost' })())
    await approveAll(s)
    await call.ended
    expect(call.error).toBe(lost)
    const types = await s.types()
    expect(types).toContain('execution.unknown')
    expect(types).not.toContain('execution.failed')
  })

  test('knows its session across awaits, and only inside', async () => {
    const s = scene({ ...options, agent: { id: 'bot', owner: null } })
    const seen: (Session | undefined)[] = []
    const call = attempt(
      s.gate.requireApproval(
        async () => {
          seen.push(currentSession())
          await new Promise<void>((resolve) => setImmediate(resolve))
          seen.push(currentSession())
          await Promise.all([1].map(async () => seen.push(currentSession())))
        },
        { action: 'a.run' },
      )(),
    )
    expect(currentSession()).toBeUndefined()
    await approveAll(s)
    await call.ended
    await settle()
    expect(seen).toHaveLength(3)
    expect(new Set(seen).size).toBe(1)
    const [start] = await s.events('execution.started')
    expect(seen[0]).toMatchObject({
      requestId: start?.subject,
      action: 'a.run',
      basis,
      argumentsDigest: start?.data['argumentsDigest'],
    })
    expect(seen[0]?.reviewers.map(({ subject }) => subject)).toEqual(basis === 'votes' ? ['ada'] : [])
  })

  test('records facts in the log, until it has ended', async () => {
    const s = scene(options)
    let session: Session | undefined
    const call = attempt(
      s.gate.requireApproval(
        async () => {
          session = currentSession()
          await session?.record('rows', 17)
        },
        { action: 'a.run' },
      )(),
    )
    await approveAll(s)
    await call.ended
    expect((await s.events('execution.recorded')).map(({ data }) => data)).toMatchObject([
      { name: 'rows', requestId: session?.requestId },
    ])
    const late = attempt(session?.record('rows', 18) ?? Promise.resolve())
    await late.ended
    expect(late.code).toBe('ERR_NO_SESSION')
    expect(await s.events('execution.recorded')).toHaveLength(1)
  })

  test('a fact that cannot be recorded is the function’s to handle', async () => {
    const audit = tape()
    audit.failing = (events) => events.some(({ type }) => type === 'execution.recorded')
    const s = scene({ ...options, audit })
    const recorded: unknown[] = []
    const call = attempt(
      s.gate.requireApproval(
        async () => {
          await currentSession()
            ?.record('rows', 1)
            .catch((error: unknown) => recorded.push(error))
          return 'done'
        },
        { action: 'a.run' },
      )(),
    )
    await approveAll(s)
    await call.ended
    expect(recorded).toMatchObject([{ code: 'ERR_AUDIT_UNAVAILABLE' }])
    expect(call.value).toBe('done')
  })

  test('past its time it is told to stop; stopping within the grace is its own end', async () => {
    const s = scene(options)
    const call = attempt(
      s.gate.requireApproval(
        () =>
          new Promise((_, reject) =>
            currentSession()?.signal.addEventListener('abort', () => reject(new Error('stopped in time'))),
          ),
        { action: 'a.run', executionTimeout: '10s', grace: '5s' },
      )(),
    )
    await approveAll(s)
    await s.clock.advance('11s')
    expect(call.message).toBe('stopped in time')
    const types = await s.types()
    expect(types).toContain('execution.failed')
    expect(types).not.toContain('execution.unknown')
  })

  test('past its grace its outcome is unknown, and its late end is added to that', async () => {
    const s = scene(options)
    let finish = () => {}
    const call = attempt(
      s.gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), {
        action: 'a.run',
        executionTimeout: '10s',
        grace: '5s',
      })(),
    )
    await approveAll(s)
    await s.clock.advance('14s')
    expect(call.state).toBe('waiting')
    await s.clock.advance('2s')
    expect(call.code).toBe('ERR_EXECUTION_UNKNOWN')
    expect(call.message).not.toMatch(/nothing was executed/i)
    finish()
    await settle()
    const told = s.audit.events.filter(({ type }) => type.startsWith('execution.'))
    expect(told.map(({ type }) => type)).toEqual([
      'execution.started',
      'execution.unknown',
      'execution.late-outcome',
    ])
    expect(told[2]?.data['status']).toBe('succeeded')
    expect(told[2]?.seq).toBe((told[1]?.seq ?? 0) + 1)
  })

  test.each([true, false])(
    'I7: an unknown outcome that the log did not take never leaves a hole behind it (recovered: %s)',
    async (recovers) => {
      const s = scene(options)
      let finish = () => {}
      const call = attempt(
        s.gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), {
          action: 'a.run',
          executionTimeout: '10s',
          grace: '5s',
        })(),
      )
      await approveAll(s)
      s.audit.failing = (events) => events.some(({ type }) => type === 'execution.unknown')
      await s.clock.advance('16s')
      expect(call.code).toBe('ERR_EXECUTION_UNKNOWN')
      if (recovers) s.audit.failing = null
      finish()
      await settle()
      const told = s.audit.events.filter(({ type }) => type.startsWith('execution.'))
      const whole = ['execution.started', 'execution.unknown', 'execution.late-outcome']
      expect(told.map(({ type }) => type)).toEqual(recovers ? whole : whole.slice(0, 1))
      const first = told[0]?.seq ?? 0
      expect(told.map(({ seq }) => seq - first)).toEqual(recovers ? [0, 1, 2] : [0])
    },
  )

  test('a run that ends in time is never called unknown later', async () => {
    const s = scene(options)
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run', executionTimeout: '10s' })())
    await approveAll(s)
    await call.ended
    await s.clock.advance('1m')
    expect(await s.types()).not.toContain('execution.unknown')
    expect(s.clock.pendingTimers).toBeLessThanOrEqual(2)
  })

  test('results and errors of every kind leave a recorded outcome', async () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile')
        },
        ownKeys: () => {
          throw new Error('hostile')
        },
      },
    )
    const silent = new Error('x')
    Object.defineProperty(silent, 'message', {
      get: () => {
        throw new Error('hostile')
      },
    })
    const ends: readonly (() => unknown)[] = [
      () => undefined,
      () => null,
      () => Symbol('s'),
      () => () => {},
      () => 10n,
      () => ({ stream: new WeakMap() }),
      () => 'x'.repeat(100_000),
      () => '\ud800',
      () => {
        throw undefined
      },
      () => {
        throw null
      },
      () => {
        throw 'a text'
      },
      () => {
        throw hostile
      },
      () => {
        throw silent
      },
      () => ({ hostile }),
    ]
    for (const [index, end] of ends.entries()) {
      const s = scene(options)
      const call = attempt(s.gate.requireApproval(async () => end(), { action: 'a.run' })())
      await approveAll(s)
      await settle()
      expect([index, call.state]).not.toEqual([index, 'waiting'])
      const outcomes = (await s.types()).filter(
        (type) => type === 'execution.succeeded' || type === 'execution.failed',
      )
      expect([index, outcomes.length]).toEqual([index, 1])
      expect(s.logger.entries.filter(({ message }) => message.includes('sealed'))).toEqual([])
    }
  })
})

describe('nested calls', () => {
  test('stand in the log with the call they were made from, and need their own basis', async () => {
    const s = scene()
    const inner = s.gate.requireApproval(s.effect, { action: 'a.inner' })
    const outer = s.gate.requireApproval(async () => inner('nested'), { action: 'a.outer' })
    const call = attempt(outer())
    const first = await s.only()
    await s.approve(first.id)
    const second = await s.only()
    expect(second).toMatchObject({ action: 'a.inner', origin: { parentRequestId: first.id } })
    expect(s.runs).toEqual([])
    await s.approve(second.id)
    await call.ended
    expect(s.runs).toEqual([['nested']])
  })

  test('inherit whom the agent acts for and the run, and never the key', async () => {
    const s = scene()
    const inner = s.gate.requireApproval(s.effect, { action: 'a.inner' })
    const outer = s.gate.requireApproval(async () => Promise.all([inner(1), inner(2)]), { action: 'a.outer' })
    void attempt(
      s.gate.as({ onBehalfOf: ada, runId: 'run', callId: 'call_0', intent: 'tidy up', wait: 'inline' }, () =>
        outer(),
      ),
    )
    await s.approve((await s.only()).id, ben)
    const nested = await s.pending()
    expect(nested).toHaveLength(2)
    for (const { key, onBehalfOf, origin } of nested) {
      expect(key).toBeNull()
      expect(onBehalfOf?.subject).toBe('ada')
      expect(origin).toMatchObject({ runId: 'run', callId: null })
    }
  })

  test('a rejected nested call is the outer function’s to handle', async () => {
    const s = scene()
    const inner = s.gate.requireApproval(s.effect, { action: 'a.inner' })
    const outer = s.gate.requireApproval(async () => inner().catch((error: { code: string }) => error.code), {
      action: 'a.outer',
    })
    const call = attempt(outer())
    await s.approve((await s.only()).id)
    await s.reject((await s.only()).id)
    await call.ended
    expect(call.value).toBe('ERR_APPROVAL_REJECTED')
  })
})

describe('a sealed gate', () => {
  test('runs nothing more, keeps counting votes, and says why', async () => {
    const audit = tape()
    const s = scene({ audit, wait: 'suspend' })
    const tool = s.gate.requireApproval(s.effect, { action: 'a.run', key: (n: unknown) => `k${n}` })
    for (const n of [1, 2]) await attempt(tool(n)).ended
    const [one, two] = await s.pending()
    await s.approve(one?.id ?? '')
    audit.failing = (events) => events.some(({ type }) => type === 'execution.succeeded')
    const first = attempt(tool(1))
    await first.ended
    expect(first.value).toBe('done')
    audit.failing = null
    expect((await s.approve(two?.id ?? '')).status).toBe('counted')
    const second = attempt(tool(2))
    await second.ended
    expect(second.code).toBe('ERR_GATE_SEALED')
    expect(second.message).toMatch(/nothing was executed/i)
    expect(s.runs).toEqual([[1]])
    const [told] = await s.events('gate.sealed')
    expect(told?.data).toMatchObject({ error: 'Error', reason: expect.stringContaining(one?.id ?? '?') })
    expect(JSON.stringify(told)).not.toContain('no space left')
    expect((await s.request(two?.id ?? '')).status).toBe('approved')
    // A safe move still works.
    expect((await s.gate.cancel(two?.id ?? ''))?.status).toBe('cancelled')
  })

  test('an outcome that the store does not take seals; nothing runs while it is outstanding', async () => {
    const clock = fakeClock()
    let down = false
    const store = wired(memoryStore({ clock }), {
      async before(method) {
        if (down && method === 'transition') throw new Error('down')
      },
    })
    const s = scene({ clock, store })
    const tool = s.gate.requireApproval(
      async (...args: unknown[]) => {
        down = true
        return s.effect(...args)
      },
      { action: 'a.run' },
    )
    const call = attempt(tool(1))
    await s.approve((await s.only()).id)
    await call.ended
    expect(call.value).toBe('done')
    const next = attempt(tool(2))
    await next.ended
    expect(next.code).toBe('ERR_GATE_SEALED')
    expect(s.runs).toHaveLength(1)
  })
})

describe('a log that fails for a while', () => {
  test('is said in the log itself: when it began, and when it worked again', async () => {
    const audit = tape()
    const s = scene({ audit, wait: 'suspend' })
    const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
    await attempt(tool(1)).ended
    audit.failing = () => true
    await attempt(tool(2)).ended
    audit.failing = null
    await attempt(tool(3)).ended
    await settle()
    const types = audit.events.map(({ type }) => type).filter((type) => type.startsWith('audit.'))
    expect(types).toEqual(['audit.degraded', 'audit.restored'])
    const [degraded] = audit.events.filter(({ type }) => type === 'audit.degraded')
    expect(degraded?.data).toEqual({ error: 'Error', logId: audit.logId })
  })
})

describe('reconciling', () => {
  test('is a person’s word on an unknown outcome, once known it is refused', async () => {
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(() => new Promise<void>(() => {}), {
        action: 'a.run',
        executionTimeout: '1s',
        grace: '1s',
      })(),
    )
    const { id } = await s.only()
    await s.approve(id)
    await s.clock.advance('3s')
    expect(call.code).toBe('ERR_EXECUTION_UNKNOWN')
    const refused = [
      attempt(s.gate.reconcile(id, { by: { ...ada, type: 'agent' }, note: 'x' })),
      attempt(s.gate.reconcile(id, { by: ada, note: ' ' })),
      attempt(s.gate.reconcile('nothing', { by: ada, note: 'x' })),
    ]
    await Promise.all(refused.map(({ ended }) => ended))
    expect(refused.map(({ code }) => code)).toEqual([
      'ERR_OPTION_INVALID',
      'ERR_OPTION_INVALID',
      'ERR_REQUEST_NOT_FOUND',
    ])
    const done = await s.gate.reconcile(id, { by: ada, note: 'the export is complete' })
    expect(done).toMatchObject({
      status: 'unknown',
      reconciliation: { by: { subject: 'ada' }, note: 'the export is complete' },
    })
    const other = attempt(s.gate.requireApproval(s.effect, { action: 'a.other' })())
    const fine = await s.only()
    await s.approve(fine.id)
    await other.ended
    const again = attempt(s.gate.reconcile(fine.id, { by: ada, note: 'x' }))
    await again.ended
    expect(again.code).toBe('ERR_TRANSITION_ILLEGAL')
  })
})

describe('observe mode', () => {
  test('runs what would be asked, says on what basis, and asks nobody', async () => {
    const s = scene({ mode: 'observe' })
    for (const key of [undefined, 'k']) {
      const call = attempt(
        s.gate.as(key === undefined ? {} : { key }, () =>
          s.gate.requireApproval(s.effect, { action: 'a.run' })(1),
        ),
      )
      await call.ended
      expect(call.value).toBe('done')
    }
    expect((await s.events('execution.started')).map(({ data }) => data['basis'])).toEqual([
      'observe',
      'observe',
    ])
    expect(s.desk.messages).toEqual([])
    expect((await s.events('gate.started'))[0]?.data['mode']).toBe('observe')
  })
})
