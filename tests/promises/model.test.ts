import { type ApprovalRequest, group, memoryStore, type RequestStatus } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Attempt,
  ada,
  attempt,
  ben,
  cleo,
  member,
  olga,
  type Scene,
  scene,
  settle,
  tape,
  wired,
} from '../../packages/core/test/scene'

const VOTERS = { ada, ben, cleo, olga, outsider: member('mallory', ['interns']) } as const
const WITHIN = 60 * 60_000
const USE_WITHIN = 15 * 60_000
const LEASE = 5 * 60_000
const ENDED: readonly RequestStatus[] = ['rejected', 'expired', 'cancelled', 'lapsed', 'succeeded', 'unknown']

/** What the model believes of one request: worked out from the commands alone. */
interface Belief {
  readonly id: string
  status: RequestStatus
  approvers: Set<string>
  rows: number
  readonly createdAt: number
  approvedAt: number
  /** Which process made it, and whether somebody there waits for it. */
  process: number
  waited: boolean
  runs: number
  readonly call: Attempt
  readonly abort: AbortController
  /** The process that runs it. */
  runner: number
}

type Command =
  | { readonly type: 'call'; readonly stuck: boolean; readonly suspend: boolean }
  | {
      readonly type: 'vote'
      readonly at: number
      readonly who: keyof typeof VOTERS
      readonly decision: 'approve' | 'reject' | 'edit' | 'stale'
    }
  | { readonly type: 'cancel' | 'abort' | 'resume' | 'finish'; readonly at: number }
  | { readonly type: 'pass'; readonly minutes: number }
  | { readonly type: 'crash' }

const at = fc.nat({ max: 5 })
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('call' as const), stuck: fc.boolean(), suspend: fc.boolean() }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('vote' as const),
      at,
      who: fc.constantFrom('ada', 'ben', 'cleo', 'olga', 'outsider'),
      decision: fc.oneof(
        { weight: 6, arbitrary: fc.constant('approve' as const) },
        fc.constantFrom('reject' as const, 'edit' as const, 'stale' as const),
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('cancel' as const, 'abort' as const, 'resume' as const, 'finish' as const),
      at,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('pass' as const), minutes: fc.constantFrom(1, 7, 16, 61) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const) }) },
)

/** Programs that come and go over one store. The present one is the last. */
class World {
  readonly clock: FakeClock = fakeClock()
  readonly shared = memoryStore({ clock: this.clock })
  readonly beliefs: Belief[] = []
  readonly logs: Scene['audit'][] = []
  process = 0
  now: Scene = scene({ clock: this.clock, store: this.shared })
  tool: (args: { rows: number; stuck: boolean; n: number }) => Promise<unknown> = async () => {}
  cut = () => {}
  /** Runs by the number that the call carries. */
  readonly runs: { readonly n: number; readonly rows: number }[] = []
  readonly releases = new Map<number, () => void>()

  async boot(): Promise<void> {
    this.process += 1
    let alive = true
    this.cut = () => {
      alive = false
    }
    const mute = async () => {
      if (!alive) await new Promise<void>(() => {})
    }
    const audit = tape(`log ${this.process}`)
    this.logs.push(audit)
    this.now = scene({
      clock: this.clock,
      store: wired(this.shared, { before: mute, after: mute }),
      audit,
      reviewers: group('ops', { atLeast: 2 }),
      rateLimit: false,
      coolDown: false,
      coalesce: false,
      agent: { id: 'bot', owner: olga },
    })
    this.tool = this.now.gate.requireApproval(
      async ({ rows, stuck, n }: { rows: number; stuck: boolean; n: number }) => {
        this.runs.push({ n, rows })
        if (stuck) await new Promise<void>((resolve) => this.releases.set(n, resolve))
      },
      { action: 'data.export', parameters: ['input'] },
    )
    await this.now.gate.start()
    await settle()
  }

  pick(index: number): Belief | undefined {
    return this.beliefs.length === 0 ? undefined : this.beliefs[index % this.beliefs.length]
  }

  /** An approval that somebody waits for in a living process runs at once. */
  approved(belief: Belief): void {
    belief.status = 'approved'
    belief.approvedAt = this.clock.now()
    if (belief.waited && belief.process === this.process) this.starts(belief)
  }

  starts(belief: Belief): void {
    belief.runs += 1
    belief.runner = this.process
    belief.status = this.stuck.has(belief.id) ? 'executing' : 'succeeded'
  }

  readonly stuck = new Set<string>()
}

async function run(world: World, step: Command): Promise<void> {
  switch (step.type) {
    case 'call':
      return call(world, step)
    case 'vote':
      return vote(world, step)
    case 'pass':
      return pass(world, step.minutes)
    case 'crash':
      world.cut()
      await settle()
      return world.boot()
    default:
      return push(world, step.type, world.pick(step.at))
  }
}

async function call(world: World, { stuck, suspend }: { stuck: boolean; suspend: boolean }): Promise<void> {
  const abort = new AbortController()
  const n = world.beliefs.length
  const made = world.now.gate.as({ signal: abort.signal, wait: suspend ? 'suspend' : 'inline' }, () =>
    world.tool({ rows: 1, stuck, n }),
  )
  const followed = attempt(made)
  await settle()
  const known = new Set(world.beliefs.map(({ id }) => id))
  const [request] = (await world.shared.list({ status: 'pending' })).requests.filter(
    ({ id }) => !known.has(id),
  )
  if (request === undefined) throw new Error('the call opened no request')
  if (suspend) expect(followed.code).toBe('ERR_APPROVAL_PENDING')
  if (stuck) world.stuck.add(request.id)
  world.beliefs.push({
    id: request.id,
    status: 'pending',
    approvers: new Set(),
    rows: 1,
    createdAt: request.createdAt,
    approvedAt: 0,
    process: world.process,
    waited: !suspend,
    runs: 0,
    call: followed,
    abort,
    runner: 0,
  })
}

async function vote(
  world: World,
  { at: index, who, decision }: Extract<Command, { type: 'vote' }>,
): Promise<void> {
  const belief = world.pick(index)
  if (belief === undefined) return
  const actor = VOTERS[who]
  const eligible = who !== 'outsider' && who !== 'olga'
  const open = belief.status === 'pending'
  const before = await world.shared.get(belief.id)
  const rows = belief.rows + 1
  const receipt =
    decision === 'reject'
      ? await world.now.reject(belief.id, actor)
      : await world.now.approve(belief.id, actor, {
          ...(decision === 'edit' ? { edits: [{ path: '/input/rows', value: rows }] } : {}),
          ...(decision === 'stale' ? { digest: 'f'.repeat(64) } : {}),
        })
  if (!eligible || !open) {
    expect(receipt.status).not.toBe('counted')
    expect((await world.shared.get(belief.id))?.votes).toEqual(before?.votes)
    return
  }
  if (decision === 'reject') {
    belief.status = 'rejected'
    return
  }
  const repeated = belief.approvers.has(who) && decision !== 'edit'
  if (repeated || decision === 'stale') {
    expect(receipt.status).toBe(repeated ? 'already-counted' : 'refused')
    return
  }
  expect(receipt.status).toBe('counted')
  if (decision === 'edit') {
    belief.rows = rows
    belief.approvers = new Set()
  }
  belief.approvers.add(who)
  if (belief.approvers.size >= 2) world.approved(belief)
}

async function pass(world: World, minutes: number): Promise<void> {
  await world.clock.advance(minutes * 60_000)
  const now = world.clock.now()
  for (const belief of world.beliefs) {
    if (belief.status === 'pending' && now >= belief.createdAt + WITHIN) belief.status = 'expired'
    if (belief.status === 'approved' && now >= belief.approvedAt + USE_WITHIN) belief.status = 'lapsed'
    // A dead process keeps its lease for a while; one sweep later what it ran is unknown.
    if (belief.status === 'executing' && belief.runner !== world.process) {
      const stored = await world.shared.get(belief.id)
      expect(['executing', 'unknown']).toContain(stored?.status)
      if (minutes * 60_000 > LEASE + 60_000) expect(stored?.status).toBe('unknown')
      if (stored?.status === 'unknown') belief.status = 'unknown'
    }
  }
}

async function push(
  world: World,
  type: 'cancel' | 'abort' | 'resume' | 'finish',
  belief: Belief | undefined,
): Promise<void> {
  if (belief === undefined) return
  const here = belief.process === world.process
  switch (type) {
    case 'cancel':
      await world.now.gate.cancel(belief.id)
      if (belief.status === 'pending' || belief.status === 'approved') belief.status = 'cancelled'
      break
    case 'abort':
      belief.abort.abort()
      if (here && belief.waited && belief.status === 'pending') belief.status = 'cancelled'
      break
    case 'finish':
      world.releases.get(world.beliefs.indexOf(belief))?.()
      if (belief.status === 'executing' && belief.runner === world.process) belief.status = 'succeeded'
      break
    case 'resume': {
      const resumed = attempt(
        world.now.gate.as({ wait: 'suspend' }, () => world.now.gate.resume(belief.id, { wait: 'suspend' })),
      )
      await settle()
      if (belief.status === 'approved') world.starts(belief)
      else if (belief.status === 'pending') expect(resumed.code).toBe('ERR_APPROVAL_PENDING')
    }
  }
  await settle()
}

async function compare(world: World): Promise<void> {
  await settle()
  for (const [n, belief] of world.beliefs.entries()) {
    const stored = (await world.shared.get(belief.id)) as ApprovalRequest
    expect({ n, status: stored.status }).toEqual({ n, status: belief.status })
    const runs = world.runs.filter((one) => one.n === n)
    // I3, I2: at most once, and with the arguments that the last votes were on.
    expect(runs).toEqual(belief.runs === 0 ? [] : [{ n, rows: belief.rows }])
    const here = belief.process === world.process
    if (here && belief.waited && ENDED.includes(belief.status)) expect(belief.call.state).not.toBe('waiting')
  }
}

/** I7: what the processes published together is, for each request, one chain without holes or forks. */
async function compareLogs(world: World): Promise<void> {
  await world.clock.advance('7m')
  for (const { id } of world.beliefs) {
    const stored = await world.shared.get(id)
    const seqs = new Set(
      world.logs.flatMap((log) => log.events.filter(({ subject }) => subject === id).map(({ seq }) => seq)),
    )
    expect([...seqs].sort((a, b) => a - b)).toEqual(
      Array.from({ length: stored?.lastEvent.seq ?? 0 }, (_, index) => index + 1),
    )
    const starts = new Set(
      world.logs.flatMap((log) =>
        log.events
          .filter((event) => event.subject === id && event.type === 'execution.started')
          .map((event) => event.id),
      ),
    )
    expect(starts.size).toBeLessThanOrEqual(1)
  }
}

test('I1 I2 I3 I6 I8: votes, edits, expiries, cancels, aborts and crashes, in any order, end as the model says', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
      const world = new World()
      await world.boot()
      for (const step of commands) {
        await run(world, step)
        await compare(world)
      }
      await compareLogs(world)
      for (const release of world.releases.values()) release()
      await world.now.close()
    }),
    { numRuns: 100 },
  )
})
