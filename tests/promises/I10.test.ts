import { type AuditEventType, type ErrorCode, GatewrightError, group, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, type Scene, scene, settle, wired } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

interface End {
  readonly status: string
  readonly code: ErrorCode
  readonly event: AuditEventType
  readonly options?: Parameters<typeof scene>[0]
  /** Whether the function may have run. */
  readonly ran?: boolean
  readonly fails?: boolean
  bring(s: Scene, id: string): Promise<unknown>
}

let mayReview = true

/** Every way a reviewed call can end without a result, and what brings it about. */
const ENDS: readonly End[] = [
  {
    status: 'rejected',
    code: 'ERR_APPROVAL_REJECTED',
    event: 'request.rejected',
    bring: (s, id) => s.reject(id),
  },
  {
    status: 'expired',
    code: 'ERR_APPROVAL_EXPIRED',
    event: 'request.expired',
    bring: (s) => s.clock.advance('61m'),
  },
  {
    status: 'cancelled',
    code: 'ERR_APPROVAL_CANCELLED',
    event: 'request.cancelled',
    bring: (s, id) => s.gate.cancel(id),
  },
  {
    status: 'undeliverable',
    code: 'ERR_APPROVAL_UNDELIVERABLE',
    event: 'request.undeliverable',
    options: { delivery: { attempts: 2 } },
    bring: (s) => s.clock.advance('5m'),
  },
  {
    status: 'invalidated',
    code: 'ERR_APPROVAL_INVALIDATED',
    event: 'request.invalidated',
    options: {
      directory: {
        resolve: async ({ issuer, subject }) => ({
          issuer,
          subject,
          name: subject,
          groups: mayReview ? ['ops'] : [],
        }),
      },
    },
    bring: async (s, id) => {
      const vote = s.approve(id)
      await Promise.resolve()
      await Promise.resolve()
      return vote
    },
  },
  {
    status: 'blocked',
    code: 'ERR_EXECUTION_BLOCKED',
    event: 'execution.blocked',
    bring: async (s, id) => {
      s.audit.failing = () => true
      await s.approve(id)
      s.audit.failing = null
      await s.clock.advance('2m')
    },
  },
  {
    status: 'failed',
    code: 'ERR_EXECUTION_FAILED',
    event: 'execution.failed',
    ran: true,
    fails: true,
    bring: (s, id) => s.approve(id),
  },
]

describe('I10: outcomes stay apart', () => {
  test('I10: every end has a word of its own in the request, the error and the log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ENDS), fc.constantFrom('wait', 'ask again'), async (end, mode) => {
        mayReview = true
        const s = scene({ ...end.options, coolDown: false })
        if (end.status === 'undeliverable')
          s.desk.onDeliver = () => Promise.reject(new Error('no such channel'))
        if (end.status === 'invalidated')
          s.gate.on('request.approved', () => {
            mayReview = false
          })
        const boom = new Error('boom')
        const tool = s.gate.requireApproval(
          async (...args: unknown[]) => {
            await s.effect(...args)
            if (end.fails) throw boom
          },
          { action: 'data.export', key: () => 'k' },
        )
        const call = attempt(tool('users'))
        await settle()
        const [{ id } = { id: '' }] = (await s.store.list({})).requests
        await end.bring(s, id)
        await settle()
        expect((await s.request(id)).status).toBe(end.status)
        expect(s.runs).toHaveLength(end.ran ? 1 : 0)
        // Whoever waited, and whoever asks again, is told the same thing; but a function's own error is its caller's.
        const told = mode === 'wait' && !end.fails ? call : attempt(tool('users'))
        await told.ended
        expect(told.code).toBe(end.code)
        if (end.fails) expect(call.error).toBe(boom)
        if (!end.ran) expect(told.message).toMatch(/nothing was executed/i)
        const others = ENDS.filter((other) => other !== end).map(({ event }) => event)
        const types = await s.types(id)
        expect(types.filter((type) => type === end.event)).toHaveLength(1)
        for (const other of others) expect(types).not.toContain(other)
        await s.close()
      }),
      { numRuns: 40 },
    )
  })

  test('I10: unknown is neither failed nor succeeded, and stays so', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    let alive = true
    const hang = async () => {
      if (!alive) await new Promise<void>(() => {})
    }
    const dying = scene({ clock, store: wired(shared, { before: hang }) })
    const tool = dying.gate.requireApproval(
      async (...args: unknown[]) => {
        await dying.effect(...args)
        alive = false
      },
      { action: 'data.export', key: () => 'k' },
    )
    void attempt(tool('users'))
    const { id } = await dying.only()
    await dying.approve(id)
    const heir = dying.neighbour({ store: shared })
    await heir.gate.start()
    await clock.advance('10m')
    const call = attempt(
      heir.gate.requireApproval(heir.effect, { action: 'data.export', key: () => 'k', retry: true })('users'),
    )
    await call.ended
    expect(call.code).toBe('ERR_EXECUTION_UNKNOWN')
    expect(call.message).not.toMatch(/nothing was executed/i)
    expect(dying.runs).toHaveLength(1)
    const reconciled = await heir.gate.reconcile(id, { by: ada, note: 'it did run' })
    expect(reconciled.status).toBe('unknown')
    // Each process publishes its own moves; together their logs tell the whole story.
    expect([...(await dying.types(id)), ...(await heir.types(id))]).toEqual([
      'request.created',
      'request.vote-cast',
      'request.approved',
      'execution.started',
      'execution.unknown',
      'execution.reconciled',
    ])
    await attempt(heir.gate.requireApproval(heir.effect, { action: 'data.export', key: () => 'k' })('users'))
      .ended
    expect(dying.runs).toHaveLength(1)
  })

  test('I10: a denial by policy, a rejection, a cool-down and a limit are four different errors', async () => {
    const s = scene({
      rateLimit: { max: 2, per: '1h' },
      policy: [
        {
          id: 'p',
          version: 1,
          decide: ({ action }) =>
            action === 'data.drop' ? { effect: 'deny', reason: 'never' } : { effect: 'abstain' },
        },
      ],
    })
    const drop = attempt(s.gate.requireApproval(s.effect, { action: 'data.drop' })())
    const exporting = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const rejected = attempt(exporting(1))
    await s.reject((await s.only()).id, ben, 'not today')
    const cooling = attempt(exporting(1))
    void attempt(exporting(2))
    await settle()
    const limited = attempt(exporting(3))
    await settle()
    expect([drop.code, rejected.code, cooling.code, limited.code]).toEqual([
      'ERR_APPROVAL_DENIED',
      'ERR_APPROVAL_REJECTED',
      'ERR_APPROVAL_COOLING_DOWN',
      'ERR_RATE_LIMITED',
    ])
    for (const { error, message } of [drop, rejected, cooling, limited]) {
      expect(GatewrightError.isInstance(error)).toBe(true)
      expect(message).toMatch(/nothing was executed/i)
    }
    expect(s.runs).toEqual([])
  })

  test('I10: the group helper and the words of a rejection reach the caller', async () => {
    const s = scene({ reviewers: group('ops', { atLeast: 2 }) })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
    const { id } = await s.only()
    await s.approve(id, ada)
    await s.reject(id, ben, 'wrong table')
    expect(call.error).toMatchObject({
      code: 'ERR_APPROVAL_REJECTED',
      reason: 'wrong table',
      by: 'ben',
      requestId: id,
      action: 'data.export',
    })
  })
})
