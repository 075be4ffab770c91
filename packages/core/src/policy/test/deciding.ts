import type { Policy, PolicyRecord } from '../../contracts/policy'
import { type DecideOptions, decide } from '../decide'
import { group } from '../reviewers'
import { manualClock } from './manual-clock'
import { callOf, policyThat, required } from './samples'

/** The default requirement. */
export const standard = required({ id: 'standard', reviewers: group('ops') })

/** A stricter one. */
export const strict = required({ reviewers: group('security', { atLeast: 2 }) })

/** A call to decide on. */
export const call = callOf('data.export')

/** A policy that allows whatever is asked. */
export const allow = policyThat('allow', () => ({ effect: 'allow' }))

/** With a clock that moves by hand. */
export function options(more: Partial<DecideOptions> = {}): DecideOptions {
  return { clock: manualClock(), timeoutMs: 1_000, ...more }
}

/** What is decided without waiting. */
export function now(
  policies: readonly Policy[],
  input = call,
  more: Partial<DecideOptions> = {},
): PolicyRecord {
  const record = decide(policies, standard, input, options(more))
  if (record instanceof Promise) throw new Error('it answered with a promise')
  return record
}
