import type { Awaitable } from '../contracts/awaitable'
import type { Timer } from '../contracts/clock'
import { closeCutOff, runOrphans } from './cut-off'
import { createDueMoves } from './due-moves'
import type { Engine } from './engine'
import { cancelledCredentials } from './recover-credentials'
import { createRetainer } from './retention'
import { storeCall } from './store-call'

/** Looks after everything that time, lost hints or dead processes leave undone, and renews the lease. One timer for the whole gate. */
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
  let nextDue: number | null = null
  const moveDue = createDueMoves(engine)
  const retainer = createRetainer(engine)

  function arm(at: number): void {
    if (stopped || at >= firesAt) return
    timer?.cancel()
    firesAt = at
    const { clock, store } = engine()
    const delay = Math.max(0, at - store.now())
    const expected = clock.now() + delay
    timer = clock.setTimer(delay, () => fire(clock.now() - expected), { background: !awake })
  }

  function fire(lateMs: number): void {
    timer = null
    firesAt = Number.POSITIVE_INFINITY
    // Not a step of the sweep: what takes long there, such as a channel that hangs, must not cost the lease.
    arm(engine().store.now() + engine().settings.sweepMs)
    void engine().lease.renew(lateMs)
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

  async function sweepOnce(current: Engine): Promise<void> {
    const { waiters, publisher, deliveries, logger } = current
    const steps: readonly (readonly [string, () => Awaitable<unknown>])[] = [
      ['recording outcomes', () => recordOutstanding(current)],
      [
        'moving what is due',
        async () => {
          // What is known from before is no reason to sweep at once when this fails.
          nextDue = null
          nextDue = await moveDue()
        },
      ],
      ['delivering again', () => deliveries.retryDue()],
      ['attending to what others opened', () => attendNew(current)],
      ['closing executions that were cut off', () => closeCutOff(current)],
      ['running orphans', () => runOrphans(current)],
      ['revoking credentials', () => cancelledCredentials(current)],
      ['deleting what was kept long enough', () => retainer.kick()],
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
