import type { Duration } from './contracts/clock'
import type { GateSettings } from './engine/settings'
import { OptionError } from './errors'
import type { GateOptions } from './gate-options'
import { checkCount } from './values/checks'
import { parseDuration } from './values/durations'
import { checkOptions } from './values/options'

/**
 * Checks how many requests a requester may open.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseRateLimit(limit: GateOptions['rateLimit']): GateSettings['rateLimit'] {
  if (limit === false) return null
  if (limit === undefined) return { max: 300, perMs: 60_000 }
  checkOptions(limit, ['max', 'per'], 'createGate.rateLimit')
  return {
    max: checkCount(limit.max, 'createGate.rateLimit.max'),
    perMs: parseDuration(limit.per, 'createGate.rateLimit.per'),
  }
}

/**
 * Checks how long parts may take, and how often things are done.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseTimes({ timeouts = {}, delivery = {}, coolDown, sweepEvery, lease }: GateOptions) {
  checkOptions(timeouts, ['policy', 'lookup', 'delivery', 'audit'], 'createGate.timeouts')
  checkOptions(delivery, ['attempts', 'backoff'], 'createGate.delivery')
  const sweepMs = parseDuration(sweepEvery ?? '2s', 'createGate.sweepEvery')
  const leaseMs = parseDuration(lease ?? '30s', 'createGate.lease')
  if (sweepMs < 1) throw new OptionError('createGate.sweepEvery', 'is at least 1 ms')
  if (leaseMs < 3 * sweepMs)
    throw new OptionError(
      'createGate.lease',
      'is at least three times sweepEvery, so that a busy process keeps it',
    )
  const timeout = (name: keyof typeof timeouts, otherwise: Duration) =>
    parseDuration(timeouts[name] ?? otherwise, `createGate.timeouts.${name}`)
  return {
    coolDownMs: coolDown === false ? 0 : parseDuration(coolDown ?? '5m', 'createGate.coolDown'),
    policyTimeoutMs: timeout('policy', '5s'),
    lookupTimeoutMs: timeout('lookup', '10s'),
    deliveryTimeoutMs: timeout('delivery', '30s'),
    auditTimeoutMs: timeout('audit', '10s'),
    deliveryAttempts: checkCount(delivery.attempts ?? 5, 'createGate.delivery.attempts'),
    deliveryBackoffMs: parseDuration(delivery.backoff ?? '1s', 'createGate.delivery.backoff'),
    sweepMs,
    leaseMs,
  }
}
