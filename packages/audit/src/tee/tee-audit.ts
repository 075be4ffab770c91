import {
  type AuditSink,
  type Clock,
  checkOptions,
  GatewrightError,
  type Logger,
  OptionError,
  systemClock,
} from '@gatewright/core'
import { Branch } from './branch'

/** Options of {@link teeAudit}. */
export interface TeeAuditOptions {
  /** How many of the sinks must hold an event before it counts as published. @default all of them */
  readonly required?: number
  /** Names the tee to the store. Must stay the same over restarts. @default made of the sinks' names */
  readonly logId?: string
  /** How many events are held in memory for a sink that fails or is slow. @default 10,000 */
  readonly held?: number
  /** What pauses between two tries are judged by. @default systemClock */
  readonly clock?: Clock
  /** @default console */
  readonly logger?: Logger
}

const DEFAULT_HELD = 10_000

/**
 * Writes every event to several sinks, and acknowledges it once `required` of them hold it. The others get it too; what
 * one of them misses is held in memory and sent again, in order, before anything newer, with a pause between tries that
 * doubles from 100 ms to 30 s. So a sink beyond the required ones may lack events after a crash, or when it fails for
 * longer than `held` events: it is then said in the logger, and `verifyLog` over both directories finds the gap.
 *
 * Rejects with `ERR_AUDIT_UNAVAILABLE` as soon as too few can take an event; nothing runs then (I7). A sink that hangs
 * holds up only what cannot do without it: the gate's own deadline ends that.
 *
 * @throws OptionError for an option that is wrong or unknown, or two sinks of one name
 * @example
 * ```ts
 * import { teeAudit } from '@gatewright/audit'
 * import { memoryAudit } from '@gatewright/core'
 *
 * const audit = teeAudit([memoryAudit({ logId: 'a' }), memoryAudit({ logId: 'b' })], { required: 1 })
 * ```
 */
export function teeAudit(sinks: readonly AuditSink[], options: TeeAuditOptions = {}): AuditSink {
  checkOptions(options, ['required', 'logId', 'held', 'clock', 'logger'], 'teeAudit')
  const names = checkSinks(sinks)
  const { required = sinks.length, logId = `tee:${names.join('+')}`, held = DEFAULT_HELD } = options
  const { clock = systemClock, logger = console } = options
  if (!Number.isSafeInteger(required) || required < 1 || required > sinks.length)
    throw new OptionError(
      'teeAudit.required',
      `must be a whole number from 1 to ${sinks.length}, the number of sinks`,
    )
  if (typeof logId !== 'string' || logId === '')
    throw new OptionError('teeAudit.logId', 'must be a non-empty string')
  if (!Number.isSafeInteger(held) || held < 1)
    throw new OptionError('teeAudit.held', 'must be a whole number, 1 or more')
  const branches = sinks.map((sink) => new Branch({ sink, clock, logger, held }))
  let closing: Promise<void> | null = null

  return {
    logId,
    append(events) {
      if (closing !== null) throw unavailable(logId, 'it was closed', [])
      return enough(
        branches.map((branch) => branch.append(events)),
        required,
        logId,
      )
    },
    close() {
      closing ??= closeAll(branches)
      return closing
    },
  }
}

/** Resolves once so many have resolved; rejects once they no longer can. */
function enough(attempts: readonly Promise<void>[], required: number, logId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let done = 0
    const failures: unknown[] = []
    const failed = (error: unknown): void => {
      failures.push(error)
      if (attempts.length - failures.length < required)
        reject(
          unavailable(
            logId,
            `${failures.length} of ${attempts.length} sinks failed, and ${required} are required`,
            failures,
          ),
        )
    }
    for (const attempt of attempts) {
      attempt.then(() => {
        done += 1
        if (done === required) resolve()
      }, failed)
    }
  })
}

/** Closes them all, whatever one of them throws; then throws that. */
async function closeAll(branches: readonly Branch[]): Promise<void> {
  const results = await Promise.allSettled(branches.map((branch) => branch.close()))
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as unknown)
  if (failures.length > 0) throw new AggregateError(failures, 'not every audit sink could be closed')
}

function checkSinks(sinks: readonly AuditSink[]): readonly string[] {
  if (!Array.isArray(sinks) || sinks.length === 0)
    throw new OptionError('teeAudit', 'takes a list of audit sinks')
  const names = (sinks as readonly AuditSink[]).map((sink, index) => {
    if (typeof sink?.append !== 'function' || typeof sink.logId !== 'string')
      throw new OptionError(`teeAudit[${index}]`, 'is no audit sink')
    return sink.logId
  })
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new OptionError('teeAudit', `two sinks are called ${twice}: give each log its own name`)
  return names
}

function unavailable(logId: string, why: string, failures: readonly unknown[]): GatewrightError {
  return new GatewrightError('ERR_AUDIT_UNAVAILABLE', `the log ${logId} did not take the events: ${why}.`, {
    cause: failures.length === 1 ? failures[0] : new AggregateError(failures, why),
  })
}
