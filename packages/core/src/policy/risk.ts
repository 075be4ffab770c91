import type { Clock } from '../contracts/clock'
import type { PolicyInput, RiskAssessment, RiskReading, RiskSignal } from '../contracts/policy'
import { isPromise } from '../values/is-promise'
import { errorName, settleWithin } from './settle'

/** How risk signals are waited for. */
export interface RiskOptions {
  readonly clock: Clock
  /** How long all signals together may take. */
  readonly timeoutMs: number
  /** Aborting ends the waiting; signals that have not answered count as failed. */
  readonly signal?: AbortSignal
  /** Told of each signal that failed, with its error; may log it. Throwing changes nothing. */
  readonly onFailure?: (id: string, error: unknown) => void
}

/** The assessment of a call that no signal speaks of. */
export const NO_RISK: RiskAssessment = Object.freeze({
  score: 0,
  level: 'low',
  reasons: Object.freeze([]),
  failed: Object.freeze([]),
})

/** One signal's part: its own score and reasons, or a failure, which counts as a score of 1. */
type Reading = RiskReading & { readonly failed: boolean }

/**
 * Asks all signals at once, and takes the highest score: a signal can raise the risk and never lower it (T17). A signal
 * that throws, is late, or answers anything but a score from 0 to 1 counts as 1 and is listed in `failed`, so that the call
 * is reviewed (I1). Answers without a promise when every signal does.
 */
export function assessRisk(
  signals: readonly RiskSignal[],
  input: PolicyInput,
  options: RiskOptions,
): RiskAssessment | Promise<RiskAssessment> {
  if (signals.length === 0) return NO_RISK
  const readings: (Reading | PromiseLike<unknown>)[] = signals.map((one) => readNow(one, input, options))
  if (readings.some((reading) => 'then' in reading)) return assessLater(signals, readings, options)
  return summarise(signals, readings as readonly Reading[])
}

/** From 0.3 medium, from 0.6 high, from 0.85 critical. */
export function riskLevel(score: number): RiskAssessment['level'] {
  if (score < 0.3) return 'low'
  if (score < 0.6) return 'medium'
  return score < 0.85 ? 'high' : 'critical'
}

function readNow(
  signal: RiskSignal,
  input: PolicyInput,
  options: RiskOptions,
): Reading | PromiseLike<unknown> {
  try {
    const answer: unknown = signal.assess(input)
    return isPromise(answer) ? answer : read(signal, answer, options)
  } catch (error) {
    return failure(signal, `failed with ${errorName(error)}`, error, options)
  }
}

async function assessLater(
  signals: readonly RiskSignal[],
  readings: readonly (Reading | PromiseLike<unknown>)[],
  options: RiskOptions,
): Promise<RiskAssessment> {
  const waiting = readings.filter((reading): reading is PromiseLike<unknown> => 'then' in reading)
  const settled = (await settleWithin(waiting, options)).values()
  const complete = signals.map((signal, index) => {
    const reading = readings[index]
    if (reading !== undefined && !('then' in reading)) return reading
    const outcome = settled.next().value
    if (outcome?.status === 'done') return read(signal, outcome.value, options)
    if (outcome?.status === 'failed') {
      return failure(signal, `failed with ${errorName(outcome.error)}`, outcome.error, options)
    }
    return failure(signal, `gave no answer within ${options.timeoutMs} ms`, undefined, options)
  })
  return summarise(signals, complete)
}

function read(signal: RiskSignal, answer: unknown, options: RiskOptions): Reading {
  try {
    const { score, reasons = [] } = answer as RiskReading
    // Written so that NaN is refused.
    const isScore = typeof score === 'number' && score >= 0 && score <= 1
    const areReasons = Array.isArray(reasons) && reasons.every((reason) => typeof reason === 'string')
    if (isScore && areReasons) return { score, reasons, failed: false }
  } catch {
    // `undefined` and `null` have no score: nonsense, as below.
  }
  return failure(signal, 'gave no score from 0 to 1', undefined, options)
}

function failure(signal: RiskSignal, what: string, error: unknown, { onFailure }: RiskOptions): Reading {
  try {
    onFailure?.(signal.id, error ?? new TypeError(`risk signal ${signal.id} ${what}`))
  } catch {
    // Telling is not part of judging: the signal counts as failed either way.
  }
  return { score: 1, reasons: [`${what}; counted as the highest risk`], failed: true }
}

function summarise(signals: readonly RiskSignal[], readings: readonly Reading[]): RiskAssessment {
  let score = 0
  const reasons: string[] = []
  const failed: string[] = []
  readings.forEach((reading, index) => {
    const id = signals[index]?.id ?? 'unnamed'
    score = Math.max(score, reading.score)
    for (const reason of reading.reasons ?? []) reasons.push(`${id}: ${reason}`)
    if (reading.failed) failed.push(id)
  })
  if (score === 0 && reasons.length === 0) return NO_RISK
  return Object.freeze({
    score,
    level: riskLevel(score),
    reasons: Object.freeze(reasons),
    failed: Object.freeze(failed),
  })
}
