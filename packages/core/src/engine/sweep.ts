import type { Awaitable } from '../contracts/awaitable'
import type { Timer } from '../contracts/clock'
import type { ApprovalRequest } from '../contracts/request'
import { commit } from './commit'
import type { Engine } from './engine'
import { isEscalated, type Move } from './lifecycle'
import { unknownOutcome } from './outcome'
import { pagesOf } from './pages'
import { cancelledCredentials } from './recover-credentials'
import { runOrphan } from './resume'
import { retainRequests } from './retention'
import { storeCall } from './store-call'

/** Looks after everything that time, lost hints or dead processes leave undone. One timer for the whole gate. */
export interface Sweeper {
  /** Something is due then (the store's time): sweeps no later. */
  due(at: number | null): void
  /** Whether callers wait here: then the timer keeps the process alive. */
  waiting(some: boolean): void
  /** Sweeps now. Never rejects: what failed is told, and tried again at the next sweep. */
  sweep(): Promise<void>
  stop(): void
}

const BATCH = 200

/** Makes the sweeper of one gate. */
export function createSweeper(engine: () => Engine): Sweeper {
  let timer: Timer | null = null
  let firesAt = Number.POSITIVE_INFINITY
  let stopped = false
  let awake = false
  let running: Promise<void> | null = null

  function arm(at: number): void {
    if (stopped || at >= firesAt) return
    timer?.cancel()
    firesAt = at
    const delay = Math.max(0, at - engine().store.now())
    timer = engine().clock.setTimer(delay, fire, { background: !awake })
  }

  function fire(): void {
    timer = null
    firesAt = Number.POSITIVE_INFINITY
    void sweep()
  }

  async function sweep(): Promise<void> {
    running ??= sweepOnce(engine()).finally(() => {
      running = null
    })
    const nextAt = await running.then(() => nextDue)
    if (stopped) return
    arm(Math.min(engine().store.now() + engine().settings.sweepMs, nextAt ?? Number.POSITIVE_INFINITY))
  }

  let nextDue: number | null = null

  async function sweepOnce(current: Engine): Promise<void> {
    const { waiters, publisher, deliveries, logger } = current
    const steps: readonly (readonly [string, () => Awaitable<unknown>])[] = [
      ['renewing the lease', () => current.store.leases.renew(current.processId, current.settings.leaseMs)],
      ['recording outcomes', () => recordOutstanding(current)],
      [
        'moving what is due',
        async () => {
          nextDue = await moveDue(current)
        },
      ],
      ['delivering again', () => deliveries.retryDue()],
      ['attending to what others opened', () => attendNew(current)],
      ['closing executions that were cut off', () => closeCutOff(current)],
      ['running orphans', () => runOrphans(current)],
      ['revoking credentials', () => cancelledCredentials(current)],
      ['deleting what was kept long enough', () => retainRequests(current)],
      ['reading what is waited for', () => waiters.readAll()],
    ]
    for (const [what, step] of steps) {
      if (stopped) return
      try {
        await step()
      } catch (error) {
        logger.warn(`${what} failed; it is tried again at the next sweep`, { error })
      }
    }
    publisher.kick()
  }

  return {
    due(at) {
      if (at !== null) arm(at)
    },
    waiting(some) {
      awake = some
      timer?.keepAlive?.(some)
    },
    sweep,
    stop() {
      stopped = true
      timer?.cancel()
      timer = null
    },
  }
}

/** How far back the newest requests are looked at again: hints may be lost, and clocks and commits are not in order. */
const OVERLAP_MS = 60_000

/** The feed is a hint: what others opened lately is looked for as well. */
async function attendNew(engine: Engine): Promise<void> {
  if (engine.settings.attend !== 'all') return
  const createdAfter = engine.store.now() - OVERLAP_MS - engine.settings.sweepMs
  const page = await storeCall(() => engine.store.list({ status: 'pending', createdAfter }, { limit: BATCH }))
  engine.deliveries.attend(page.requests.map(({ id }) => id))
}

/** One that cannot be recorded yet keeps none of the others from it (I8). */
async function recordOutstanding({ unrecorded, logger }: Engine): Promise<void> {
  for (const [id, attempt] of [...unrecorded]) {
    try {
      // Meanwhile something newer may wait under the same id.
      if ((await attempt()) && unrecorded.get(id) === attempt) unrecorded.delete(id)
    } catch (error) {
      logger.warn('an outcome could not be recorded; it is tried again at the next sweep', { id, error })
    }
  }
}

/** Time's moves: reminders, escalation, expiry, lapse. Answers when the next one is due. */
async function moveDue(engine: Engine): Promise<number | null> {
  for (;;) {
    const { requests, nextAt } = await storeCall(() => engine.store.due(BATCH))
    let moved = 0
    for (const request of requests) if (await moveByTime(engine, request)) moved += 1
    if (requests.length < BATCH || moved === 0) return nextAt
  }
}

async function moveByTime(engine: Engine, request: ApprovalRequest): Promise<boolean> {
  const now = engine.store.now()
  const move = moveAt(request, now)
  if (move === null) return false
  const result = await commit(
    engine,
    request,
    [move],
    request.dueAt === null ? {} : { notBefore: request.dueAt },
  )
  if (!result.applied || result.request.status !== 'pending') return result.applied
  engine.deliveries.again(result.request, move.type === 'escalate' ? 'escalate' : 'remind')
  return true
}

/** What time makes of a request, if anything. Pure. */
export function moveAt(request: ApprovalRequest, now: number): Move | null {
  if (request.status === 'approved')
    return request.useBefore !== null && now >= request.useBefore ? { type: 'lapse' } : null
  if (request.status !== 'pending') return null
  // T27: time never approves.
  if (now >= request.expiresAt) return { type: 'expire' }
  const stages = escalationsDue(request, now)
  if (stages.length > 0) return { type: 'escalate', stages, reason: 'nobody decided in time' }
  const remind = request.policy.requirements.some(
    ({ remindEveryMs }) =>
      remindEveryMs !== null && now >= request.stageOpenedAt + remindEveryMs * (request.reminders + 1),
  )
  return remind ? { type: 'remind' } : null
}

function escalationsDue(request: ApprovalRequest, now: number): readonly (readonly [number, number])[] {
  return request.policy.requirements.flatMap((requirement, r) =>
    requirement.stages.flatMap((stage, s) =>
      stage.escalation !== null &&
      !isEscalated(request, r, s) &&
      now >= request.stageOpenedAt + stage.escalation.afterMs
        ? [[r, s] as const]
        : [],
    ),
  )
}

/** I8: an execution whose process lost its lease is unknown. It is never run again by itself. */
async function closeCutOff(engine: Engine): Promise<void> {
  for await (const request of requestsOfTheDead(engine, 'executing')) {
    const outcome = unknownOutcome(
      engine.store.now(),
      request.execution?.startedAt ?? engine.store.now(),
      'the process that ran it went silent',
    )
    await commit(engine, request, [{ type: 'finish', outcome, result: null }])
  }
}

async function runOrphans(engine: Engine): Promise<void> {
  if (engine.state.status !== 'open') return
  for await (const request of requestsOfTheDead(engine, 'approved')) {
    // Held for `resume` unless the action says that an approved orphan runs.
    if (request.onOrphan === 'run' && engine.actions.get(request.action)?.invoke)
      void runOrphan(engine, request)
  }
}

/** Requests in a state whose process is gone. Our own are never among them, even when our lease is late. */
async function* requestsOfTheDead(
  engine: Engine,
  status: 'executing' | 'approved',
): AsyncGenerator<ApprovalRequest> {
  for await (const requests of pagesOf(engine.store, { status }, BATCH)) {
    const foreign = requests.filter((request) => processOf(request) !== engine.processId)
    if (foreign.length > 0) {
      const live = new Set(
        await storeCall(() => engine.store.leases.live([...new Set(foreign.map(processOf))])),
      )
      for (const request of foreign) if (!live.has(processOf(request))) yield request
    }
  }
}

function processOf(request: ApprovalRequest): string {
  return request.execution?.processId ?? request.processId
}
