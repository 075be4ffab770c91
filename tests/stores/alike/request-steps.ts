import { type ApprovalRequest, isFinished, type RequestStatus, type Transition } from '@gatewright/core'
import { sampleEvent, sampleMove, sampleRequest, sampleVote } from '@gatewright/testing'
import fc from 'fast-check'
import { action, key, offset, pick, REQUESTERS, shape } from './names'
import { ordered, pickOne, type Run, rarely, STEP_MS, type Step, step } from './run'

const kind = fc.record({
  action,
  argumentShape: shape,
  requester: fc.constantFrom(...REQUESTERS),
  runId: fc.constantFrom(null, 'run', 'RUN'),
  due: fc.option(offset),
  approved: fc.constantFrom(false, false, true),
})

function make(
  { ids, clock }: Run,
  given: typeof kind extends fc.Arbitrary<infer T> ? T : never,
  own: number,
) {
  const at = clock.now() + own
  const id = `r-${String(ids.length).padStart(4, '0')}`
  ids.push(id)
  const { action, argumentShape, due, approved } = given
  const sample = sampleRequest(id, { createdAt: at })
  return {
    ...sample,
    action,
    argumentShape,
    requester: { ...sample.requester, id: given.requester },
    origin: { ...sample.origin, runId: given.runId },
    dueAt: due === null ? null : at + due,
    ...(approved ? approval(at, 'grant') : {}),
  } satisfies ApprovalRequest
}

function approval(at: number, basis: 'votes' | 'grant'): Partial<ApprovalRequest> {
  return { status: 'approved', basis, approvedAt: at, useBefore: at + 1_500, dueAt: at + 1_500 }
}

const create = step('create', fc.record({ kind, key: fc.option(key, { freq: 2 }) }), async (run, given) => {
  const request = { ...make(run, given.kind, 0), key: given.key }
  return run.store.create(request, [sampleEvent(request.id, 1)])
})

// What comes in one turn is saved together by stores that can.
const createTogether = step(
  'create together',
  fc.array(kind, { minLength: 2, maxLength: 3 }),
  async (run, kinds) => {
    const requests = kinds.map((one, index) => make(run, one, index))
    return Promise.all(requests.map((one) => run.store.create(one, [sampleEvent(one.id, 1)])))
  },
)

/** Where each status may lead. */
export const NEXT: Readonly<Record<RequestStatus, readonly RequestStatus[]>> = {
  pending: ['pending', 'approved', 'rejected', 'expired', 'cancelled', 'undeliverable'],
  approved: ['approved', 'executing', 'executing', 'lapsed', 'invalidated', 'cancelled'],
  executing: ['succeeded', 'failed', 'blocked', 'unknown'],
  unknown: ['unknown'],
  rejected: ['rejected'],
  expired: ['expired'],
  cancelled: ['cancelled'],
  undeliverable: ['undeliverable'],
  lapsed: ['lapsed'],
  invalidated: ['invalidated'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  blocked: ['blocked'],
}

/** What the engine changes about a request on the way to a status. */
function fieldsFor(from: ApprovalRequest, status: RequestStatus, at: number): Partial<ApprovalRequest> {
  if (status === from.status)
    return {
      votes: [...from.votes, sampleVote(`v-${from.votes.length}`, { at })],
      reminders: from.reminders + 1,
    }
  if (status === 'approved') return approval(at, 'votes')
  if (status === 'executing') {
    const { basis, grantId } = from
    const started = { fencingToken: 't', processId: 'p-1', basis: basis ?? 'votes', grantId, startedAt: at }
    return { status, execution: started, dueAt: null }
  }
  if (from.status !== 'executing') return { status, dueAt: null, resolution: { reason: 'why', by: null, at } }
  const ended = status as 'succeeded' | 'failed' | 'blocked' | 'unknown'
  return {
    status,
    outcome: { status: ended, at, durationMs: 1, resultDigest: null, summary: 'done', redacted: false },
    result: '"result"',
  }
}

const change = fc.record({
  pick,
  to: fc.nat(11),
  behind: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
  twoEvents: fc.boolean(),
  notAfter: rarely(offset),
  notBefore: rarely(offset),
  useGrant: rarely(fc.constantFrom('g-1', 'g-1', 'g-2', 'g-9')),
  mark: rarely(fc.record({ key: fc.constantFrom('m-1', 'M-1'), for: fc.constantFrom(-1, 0, 10, 20, 2_000) })),
})

async function moveOf(
  run: Run,
  given: typeof change extends fc.Arbitrary<infer T> ? T : never,
): Promise<Transition | null> {
  const from = await pickOne(run, given.pick)
  if (from === null) return null
  const at = run.clock.now()
  const next = NEXT[from.status]
  const fields = fieldsFor(from, next[given.to % next.length] ?? from.status, at)
  const { notAfter, notBefore, useGrant, mark, behind } = given
  const move = sampleMove({ ...from, version: from.version - behind }, fields, {
    ...(notAfter === null ? {} : { notAfter: at + notAfter }),
    ...(notBefore === null ? {} : { notBefore: at + notBefore }),
    ...(useGrant === null ? {} : { useGrant }),
    ...(mark === null ? {} : { mark: { key: mark.key, until: at + mark.for, value: from.id } }),
  })
  if (!given.twoEvents) return move
  const seq = move.next.lastEvent.seq + 1
  return {
    ...move,
    next: { ...move.next, lastEvent: { seq, hash: '' } },
    events: [...move.events, sampleEvent(from.id, seq)],
  }
}

const transition = step('transition', change, async (run, given) => {
  const move = await moveOf(run, given)
  return move === null ? null : run.store.transition(move)
})

// The same move several times at once: one is applied, whichever.
const race = step('race', change, async (run, given) => {
  const move = await moveOf(run, given)
  if (move === null) return null
  return ordered(await Promise.all([1, 2, 3].map(() => run.store.transition(move))))
})

const refused = step(
  'refused move',
  fc.record({ pick, how: fc.constantFrom('gap', 'version', 'elsewhere', 'none', 'again', 'missing') }),
  async (run, { pick, how }) => {
    const from = await pickOne(run, pick)
    if (from === null) return null
    const move = sampleMove(from)
    const { seq } = move.next.lastEvent
    if (how === 'missing') return run.store.transition(sampleMove(sampleRequest('r-never')))
    if (how === 'again')
      return run.store.create({ ...from, key: null, version: 1 }, [sampleEvent(from.id, 1)])
    return run.store.transition({
      ...move,
      next: how === 'version' ? { ...move.next, version: from.version + 2 } : move.next,
      events:
        how === 'gap'
          ? [sampleEvent(from.id, seq + 1)]
          : how === 'elsewhere'
            ? [sampleEvent('s-1', seq)]
            : how === 'none'
              ? []
              : move.events,
    })
  },
)

const forget = step('forget', fc.record({ pick, any: fc.boolean() }), async (run, { pick, any }) => {
  const request = await pickOne(run, pick, any ? undefined : isFinished)
  return run.store.forget(request?.id ?? 'r-never')
})

const advance = step('advance', fc.integer({ min: 1, max: 300 }), async ({ clock }, steps) =>
  clock.advance(steps * STEP_MS),
)

/** A few requests to begin with. */
export const firstSteps: fc.Arbitrary<Step[]> = fc.array(create, { minLength: 1, maxLength: 6, size: 'max' })

/** What is done to requests. */
export const requestSteps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: create },
  { weight: 3, arbitrary: createTogether },
  { weight: 14, arbitrary: transition },
  { weight: 3, arbitrary: race },
  { weight: 2, arbitrary: refused },
  { weight: 4, arbitrary: forget },
  { weight: 2, arbitrary: advance },
)
