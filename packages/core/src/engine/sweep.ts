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
  const besides = new Set<string>()

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
    const { deliveries, publisher, waiters } = current
    beside('bringing messages up to date', () => deliveries.retryStale())
    beside('delivering again', () => deliveries.retryDue())
    beside('revoking credentials', () => cancelledCredentials(current))
    beside('deleting what was kept long enough', () => retainer.round())
    await step('recording outcomes', () => recordOutstanding(current))
    // What is known from before is no reason to sweep at once when this fails.
    nextDue = null
    await step('moving what is due', async () => {
      nextDue = await moveDue()
    })
    await step('attending to what others opened', () => attendNew(current))
    await step('closing executions that were cut off', () => closeCutOff(current))
    await step('running orphans', () => runOrphans(current))
    await step('reading what is waited for', () => waiters.readAll())
    await step('reading what messages show', () => deliveries.readSome())
    publisher.kick()
  }

  async function step(what: string, work: () => Awaitable<unknown>): Promise<void> {
    if (stopped) return
    try {
      await work()
    } catch (error) {
      // Whoever closes a gate may close its store right after.
      if (!stopped) engine().logger.warn(`${what} failed; it is tried again at the next sweep`, { error })
    }
  }

  /** What asks others, who may take their time: it runs beside the sweeps, once at a time, and holds up no deadline (I6). */
  function beside(what: string, work: () => Awaitable<unknown>): void {
    if (besides.has(what)) return
    besides.add(what)
    void step(what, work).finally(() => besides.delete(what))
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
