import {
  type ApprovalOptions,
  type AuditEvent,
  type ErrorCode,
  type GateOptions,
  GatewrightError,
  group,
  memoryStore,
  when,
} from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import * as v from 'valibot'
import { describe, expect, test, vi } from 'vitest'
import {
  type Attempt,
  ada,
  attempt,
  type Scene,
  STORE_METHODS,
  type StoreMethod,
  scene,
  settle,
  tape,
  wired,
} from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** Stands in the arguments of every call, and in the messages of every part that breaks. */
const MARK = 'raw-argument-4711'

interface Way {
  readonly what: string
  readonly code: ErrorCode | readonly ErrorCode[]
  readonly gate?: Partial<GateOptions>
  readonly action?: Partial<ApprovalOptions>
  /** After the request was made, before anybody votes. */
  meanwhile?(s: Scene): unknown
  /** Instead of an approval. */
  decide?(s: Scene, id: string): Promise<unknown>
  /** Where a request is never made. */
  readonly unasked?: true
}

const broken = () => {
  throw new Error(`broken by ${MARK}`)
}
const rejecting = () => Promise.reject(new Error(`broken by ${MARK}`))
const silent = () => new Promise<never>(() => {})
const policy = (decide: () => unknown) =>
  ({ policy: [{ id: 'p', version: 1, decide: decide as never }], timeouts: { policy: '1s' } }) as const
let state = 'sound'

const WAYS: readonly Way[] = [
  {
    what: 'a policy denies',
    code: 'ERR_APPROVAL_DENIED',
    gate: { policy: [when('*').deny('no')] },
    unasked: true,
  },
  { what: 'a policy throws', code: 'ERR_APPROVAL_DENIED', gate: policy(broken), unasked: true },
  { what: 'a policy rejects', code: 'ERR_APPROVAL_DENIED', gate: policy(rejecting), unasked: true },
  { what: 'a policy never answers', code: 'ERR_APPROVAL_DENIED', gate: policy(silent), unasked: true },
  {
    what: 'a policy answers undefined',
    code: 'ERR_APPROVAL_DENIED',
    gate: policy(() => undefined),
    unasked: true,
  },
  {
    what: 'a policy answers a hostile object',
    code: 'ERR_APPROVAL_DENIED',
    gate: policy(() => new Proxy({}, { get: broken })),
    unasked: true,
  },
  {
    what: 'a risk signal throws, of an allowed call',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { policy: [when('*').allow()], risk: [{ id: 'r', assess: broken }] },
    decide: (s) => s.clock.advance('61m'),
  },
  {
    what: 'a risk signal never answers, of an allowed call',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { policy: [when('*').allow()], risk: [{ id: 'r', assess: silent }], timeouts: { policy: '1s' } },
    decide: (s) => s.clock.advance('61m'),
  },
  {
    what: 'a context lookup fails, of an allowed call',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { policy: [when('*').allow()] },
    action: { context: rejecting },
    decide: (s) => s.clock.advance('61m'),
  },
  {
    what: 'a context lookup never answers, of an allowed call',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { policy: [when('*').allow()], timeouts: { lookup: '1s' } },
    action: { context: silent },
    decide: (s) => s.clock.advance('61m'),
  },
  { what: 'a pin throws', code: 'ERR_EXECUTION_BLOCKED', action: { pin: broken }, unasked: true },
  {
    what: 'a pin never answers',
    code: 'ERR_EXECUTION_BLOCKED',
    gate: { timeouts: { lookup: '1s' } },
    action: { pin: silent },
    unasked: true,
  },
  {
    what: 'a pin answers nonsense',
    code: 'ERR_EXECUTION_BLOCKED',
    action: { pin: () => ({ file: 7 }) as never },
    unasked: true,
  },
  {
    what: 'a pin throws before running',
    code: 'ERR_APPROVAL_INVALIDATED',
    action: { pin: () => (state === 'sound' ? { file: '1' } : broken()) },
    meanwhile: () => (state = 'broken'),
  },
  {
    what: 'policy denies before running',
    code: 'ERR_APPROVAL_INVALIDATED',
    gate: policy(() => (state === 'sound' ? { effect: 'abstain' } : { effect: 'deny', reason: 'no' })),
    meanwhile: () => (state = 'broken'),
  },
  {
    what: 'policy throws before running',
    code: 'ERR_APPROVAL_INVALIDATED',
    gate: policy(() => (state === 'sound' ? { effect: 'abstain' } : broken())),
    meanwhile: () => (state = 'broken'),
  },
  {
    what: 'onBehalfOf answers undefined',
    code: 'ERR_OPTION_INVALID',
    gate: { onBehalfOf: (() => undefined) as never },
    unasked: true,
  },
  { what: 'onBehalfOf throws', code: 'ERR_EXECUTION_BLOCKED', gate: { onBehalfOf: broken }, unasked: true },
  {
    what: 'onBehalfOf rejects',
    code: 'ERR_EXECUTION_BLOCKED',
    gate: { onBehalfOf: rejecting },
    unasked: true,
  },
  {
    what: 'onBehalfOf never answers',
    code: 'ERR_EXECUTION_BLOCKED',
    gate: { onBehalfOf: silent, timeouts: { lookup: '1s' } },
    unasked: true,
  },
  {
    what: 'the directory knows nobody',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { directory: { resolve: async () => null } },
    decide: async (s, id) => [await s.approve(id), await s.clock.advance('61m')],
  },
  {
    what: 'the directory rejects',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { directory: { resolve: rejecting } },
    decide: async (s, id) => [await s.approve(id), await s.clock.advance('61m')],
  },
  {
    what: 'the directory never answers',
    code: 'ERR_APPROVAL_EXPIRED',
    gate: { directory: { resolve: silent }, timeouts: { lookup: '1s' } },
    decide: (s, id) => [attempt(s.approve(id)), s.clock.advance('61m')][1] as Promise<void>,
  },
  {
    what: 'delivering fails',
    code: 'ERR_APPROVAL_UNDELIVERABLE',
    gate: { delivery: { attempts: 1 } },
    meanwhile: () => undefined,
    decide: async () => undefined,
  },
  { what: 'somebody rejects', code: 'ERR_APPROVAL_REJECTED', decide: (s, id) => s.reject(id, ada, 'no') },
  { what: 'nobody answers', code: 'ERR_APPROVAL_EXPIRED', decide: (s) => s.clock.advance('61m') },
  {
    what: 'the clock jumps a day ahead',
    code: 'ERR_APPROVAL_EXPIRED',
    decide: async (s, id) => [
      s.clock.setNow(s.clock.now() + 86_400_000),
      await s.approve(id),
      await s.clock.advance('2m'),
    ],
  },
  { what: 'the host cancels', code: 'ERR_APPROVAL_CANCELLED', decide: (s, id) => s.gate.cancel(id) },
  { what: 'the gate closes', code: 'ERR_GATE_CLOSED', decide: (s) => s.gate.close() },
  {
    what: 'the log takes nothing',
    code: 'ERR_EXECUTION_BLOCKED',
    meanwhile: (s) => (s.audit.failing = () => true),
  },
  {
    what: 'the log never answers',
    code: 'ERR_EXECUTION_BLOCKED',
    gate: { timeouts: { audit: '1s' } },
    meanwhile: (s) => (s.audit.hanging = () => true),
  },
  {
    what: 'a credential cannot be issued',
    code: 'ERR_EXECUTION_BLOCKED',
    action: { credentials: { db: { name: 'vault', issue: rejecting, revoke: async () => {} } } },
  },
  {
    what: 'a credential is never issued',
    code: 'ERR_EXECUTION_BLOCKED',
    gate: { timeouts: { lookup: '1s' } },
    action: { credentials: { db: { name: 'vault', issue: silent, revoke: async () => {} } } },
  },
  {
    what: 'the arguments cannot be copied',
    code: 'ERR_ARGUMENTS_UNSUPPORTED',
    gate: { limits: { characters: 5 } },
    unasked: true,
  },
  {
    what: 'the arguments do not fit',
    code: 'ERR_ARGUMENTS_INVALID',
    action: { parameters: [] },
    unasked: true,
  },
  {
    what: 'the schema throws',
    code: 'ERR_ARGUMENTS_INVALID',
    action: { input: { '~standard': { version: 1, vendor: 'test', validate: broken } } as never },
    unasked: true,
  },
  {
    what: 'the schema never answers',
    code: 'ERR_ARGUMENTS_INVALID',
    gate: { timeouts: { lookup: '1s' } },
    action: { input: { '~standard': { version: 1, vendor: 'test', validate: silent } } as never },
    unasked: true,
  },
  {
    what: 'the schema repeats the value',
    code: 'ERR_ARGUMENTS_INVALID',
    action: { input: v.picklist(['users']) as never },
    unasked: true,
  },
  {
    what: 'the facts throw',
    code: 'ERR_ARGUMENTS_UNSUPPORTED',
    action: { parameters: ['table'], facts: { table: broken } },
    unasked: true,
  },
  {
    what: 'the facts changed',
    code: 'ERR_APPROVAL_INVALIDATED',
    action: { parameters: ['table'], facts: { table: () => state } },
    meanwhile: () => (state = 'broken'),
  },
]

async function follow({
  gate,
  action,
  meanwhile,
  decide,
  unasked,
  what,
}: Way): Promise<{ readonly s: Scene; readonly call: Attempt }> {
  state = 'sound'
  const s = scene({ ...gate })
  if (what === 'delivering fails') s.desk.onDeliver = rejecting
  const tool = s.gate.requireApproval(s.effect, { action: 'data.export', ...action } as ApprovalOptions)
  const call = attempt(tool(MARK))
  await s.clock.advance('5s')
  const [{ id } = { id: '' }] = (await s.store.list({})).requests
  expect(id === '').toBe(unasked === true)
  meanwhile?.(s)
  if (!unasked) await (decide === undefined ? s.approve(id) : decide(s, id))
  await s.clock.advance('1m')
  return { s, call }
}

/** Section 10: what happened, what did not, and no raw argument. */
function expectSafe(call: Attempt, code: Way['code']): void {
  expect(GatewrightError.isInstance(call.error)).toBe(true)
  expect([code].flat()).toContain(call.code)
  expect(call.message).toMatch(/nothing was executed|was not called|stays as it is/i)
  expect(call.message).not.toContain(MARK)
}

describe('I1: every way not to run', () => {
  test.each(WAYS)('I1: $what: it does not run, says so, and repeats no argument', async (way) => {
    const { s, call } = await follow(way)
    expect(s.runs).toEqual([])
    expectSafe(call, way.code)
    const starts = s.audit.events.filter(({ type }) => type === 'execution.started')
    const blocked = s.audit.events.filter(({ type }) => type === 'execution.blocked')
    // A claim that came to nothing is told as that.
    if (s.audit.failing === null && s.audit.hanging === null) expect(starts).toHaveLength(blocked.length)
  })

  test.each(STORE_METHODS)(
    'I1: a store that fails at %s, at any time, never lets a call run without a basis',
    async (method) => {
      for (const side of ['before', 'after'] as const) {
        for (let nth = 0; nth < 6; nth += 1) {
          const { s, call, denied } = await breakStore(method, side, nth)
          const approvals = (await s.store.list({})).requests.flatMap(({ votes }) => votes)
          expect(s.runs.length).toBeLessThanOrEqual(approvals.length)
          expect(denied).toBe(true)
          if (call.state !== 'rejected' || s.runs.length > 0) continue
          expectSafe(call, [
            'ERR_STORE_UNAVAILABLE',
            'ERR_EXECUTION_BLOCKED',
            'ERR_APPROVAL_INVALIDATED',
            'ERR_APPROVAL_UNDELIVERABLE',
          ])
        }
      }
    },
  )

  test.each<AuditEvent['type']>([
    'request.created',
    'request.vote-cast',
    'request.approved',
    'execution.started',
    'gate.started',
  ])('I1: a log that refuses %s lets nothing run that the event belongs to', async (type) => {
    const audit = tape()
    audit.failing = (events) => events.some((event) => event.type === type)
    const s = scene({ audit })
    const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })(MARK))
    await s.approve((await s.only()).id)
    await s.clock.advance('1m')
    if (type === 'gate.started') return expect(s.runs).toHaveLength(1)
    expect(s.runs).toEqual([])
    expectSafe(call, 'ERR_EXECUTION_BLOCKED')
  })
})

async function breakStore(method: StoreMethod, side: 'before' | 'after', nth: number) {
  const clock = fakeClock()
  let count = 0
  const fail = async (called: StoreMethod) => {
    if (called === method && count++ === nth) throw new Error(`connection reset at ${MARK}`)
  }
  const shared = memoryStore({ clock })
  const s = scene({
    clock,
    store: wired(shared, { [side]: fail }),
    reviewers: group('ops'),
    policy: [when('data.drop').deny('never')],
  })
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })(MARK))
  const denied = attempt(s.gate.requireApproval(s.effect, { action: 'data.drop' })(MARK))
  await settle()
  for (const { id } of (await shared.list({ status: 'pending' })).requests) await attempt(s.approve(id)).ended
  await clock.advance('2m')
  return { s: { ...s, store: shared }, call, denied: denied.state === 'rejected' }
}
