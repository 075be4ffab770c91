import type { PolicyInput, RiskAssessment, RiskReading, RiskSignal } from '../contracts/policy'
import { andThen } from '../values/is-promise'
import { type AskOptions, askAll, tellFailure } from './ask-all'

/** The assessment of a call that no signal speaks of. */
export const NO_RISK: RiskAssessment = Object.freeze({
  score: 0,
  level: 'low',
  reasons: Object.freeze([]),
  failed: Object.freeze([]),
})

/** One signal's part: its own score and reasons, or a failure, which counts as a score of 1. */
type Part = RiskReading & { readonly failed: boolean }

/**
 * Asks all signals at once, and takes the highest score: a signal can raise the risk and never lower it (T17). A signal
 * that throws, is late, or answers anything but a score from 0 to 1 counts as 1 and is listed in `failed`, so that the call
 * is reviewed (I1). Answers without a promise when every signal does.
 */
export function assessRisk(
  signals: readonly RiskSignal[],
  input: PolicyInput,
  options: AskOptions,
): RiskAssessment | Promise<RiskAssessment> {
  if (signals.length === 0) return NO_RISK
  const parts = askAll<RiskSignal, Part>(
    signals,
    {
      ask: (signal) => signal.assess(input),
      read: (signal, answer) => read(signal, answer, options),
      failed: (signal, what, error) => failure(signal, what, error, options),
    },
    options,
  )
  return andThen(parts, (all) => summarise(signals, all)) as RiskAssessment | Promise<RiskAssessment>
}

/** From 0.3 medium, from 0.6 high, from 0.85 critical. */
export function riskLevel(score: number): RiskAssessment['level'] {
  if (score < 0.3) return 'low'
  if (score < 0.6) return 'medium'
  return score < 0.85 ? 'high' : 'critical'
}

function read(signal: RiskSignal, answer: unknown, options: AskOptions): Part {
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

function failure(signal: RiskSignal, what: string, error: unknown, options: AskOptions): Part {
  tellFailure(options, signal.id, `risk signal ${signal.id} ${what}`, error)
  return { score: 1, reasons: [`${what}; counted as the highest risk`], failed: true }
}

function summarise(signals: readonly RiskSignal[], readings: readonly Part[]): RiskAssessment {
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
