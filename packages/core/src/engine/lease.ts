import type { Engine } from './engine'
import { storeCall } from './store-call'

/** The sign of life of this process: what runs here counts as cut off once it has run out. */
export interface Lease {
  /** Takes it, at the start. @throws GatewrightError `ERR_STORE_UNAVAILABLE` */
  take(): Promise<void>
  /**
   * Renews it; `lateMs` says how long after its time. Never rejects: a renewal that fails is logged and tried again at the
   * next time. One that comes so late that what runs here is in danger is logged as that, with what to do.
   */
  renew(lateMs: number): Promise<void>
  /** Gives it back, at the end. @throws GatewrightError `ERR_STORE_UNAVAILABLE`; it then ends by itself */
  release(): Promise<void>
}

/** Makes the lease of one gate. */
export function createLease(engine: () => Engine): Lease {
  let renewing: Promise<void> | null = null
  /** When this process asked for the time it has. */
  let since = Number.NEGATIVE_INFINITY

  async function take(): Promise<void> {
    const { clock, processId, settings, store } = engine()
    const askedAt = clock.now()
    await storeCall(() => store.leases.renew(processId, settings.leaseMs))
    since = askedAt
  }

  /**
   * I8: a run that goes well must not become unknown without anybody knowing why. A third of the lease is a danger: together
   * with the time between two renewals, it may be two thirds.
   */
  function warnIfLong(ms: number, happened: string, advice: string, facts: object): void {
    const { logger, settings } = engine()
    const { leaseMs } = settings
    if (ms >= leaseMs / 3)
      logger.warn(
        `${happened} When a lease runs out, other processes record what runs here as unknown, though it may succeed. ${advice}`,
        { ...facts, leaseMs },
      )
  }

  function warnIfLate(lateMs: number): void {
    const { clock, settings } = engine()
    const { leaseMs } = settings
    const ranOut = clock.now() - since >= leaseMs
    warnIfLong(
      lateMs,
      `the lease of this process is renewed ${lateMs} ms late, and ${ranOut ? 'has run out meanwhile' : 'nearly ran out'}: it lasts ${leaseMs} ms. The event loop was blocked, or the computer slept.`,
      'Block less, by moving long synchronous work to a worker thread, or give createGate a "lease" of several times the longest block.',
      { lateMs, ranOut },
    )
  }

  function warnIfSlow(tookMs: number): void {
    warnIfLong(
      tookMs,
      `the store took ${tookMs} ms to renew the lease of this process, which lasts ${engine().settings.leaseMs} ms.`,
      'Find what slows the store down, or give createGate a longer "lease".',
      { tookMs },
    )
  }

  async function renewNow(): Promise<void> {
    const { clock, logger } = engine()
    const askedAt = clock.now()
    try {
      await take()
      warnIfSlow(clock.now() - askedAt)
    } catch (error) {
      logger.warn('renewing the lease failed; it is tried again at the next sweep', { error })
    }
  }

  return {
    take,
    renew(lateMs) {
      warnIfLate(lateMs)
      renewing ??= renewNow().finally(() => {
        renewing = null
      })
      return renewing
    },
    async release() {
      // A renewal on its way must not bring back what is released.
      await renewing
      await storeCall(() => engine().store.leases.release(engine().processId))
    },
  }
}
