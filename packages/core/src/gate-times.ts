import type { Duration } from './contracts/clock'
import type { GateSettings } from './engine/settings'
import { OptionError } from './errors'
import type { GateOptions } from './gate-options'
import { checkCount, otherwise } from './values/checks'
import { parseDuration } from './values/durations'
import { readOptions } from './values/options'

/**
 * Checks how many requests a requester may open.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseRateLimit(limit: GateOptions['rateLimit']): GateSettings['rateLimit'] {
  if (limit === false) return null
  if (limit === undefined) return { max: 300, perMs: 60_000 }
  const read = readOptions(limit, ['max', 'per'], 'createGate.rateLimit')
  return { max: read('max', checkCount), perMs: read('per', parseDuration) }
}

/**
 * Checks how long parts may take, and how often things are done.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseTimes(options: GateOptions) {
  const { timeouts = {}, delivery = {}, coolDown } = options
  const timeout = readOptions(timeouts, ['policy', 'lookup', 'delivery', 'audit'], 'createGate.timeouts')
  const attempt = readOptions(delivery, ['attempts', 'backoff'], 'createGate.delivery')
  const within = (standard: Duration) => otherwise(standard, parseDuration)
  const sweepMs = within('2s')(options.sweepEvery, 'createGate.sweepEvery')
  const leaseMs = within('30s')(options.lease, 'createGate.lease')
  if (sweepMs < 1) throw new OptionError('createGate.sweepEvery', 'is at least 1 ms')
  if (leaseMs < 3 * sweepMs)
    throw new OptionError(
      'createGate.lease',
      'is at least three times sweepEvery, so that a busy process keeps it',
    )
  return {
    coolDownMs: coolDown === false ? 0 : parseDuration(coolDown ?? '5m', 'createGate.coolDown'),
    policyTimeoutMs: timeout('policy', within('5s')),
    lookupTimeoutMs: timeout('lookup', within('10s')),
    deliveryTimeoutMs: timeout('delivery', within('30s')),
    auditTimeoutMs: timeout('audit', within('10s')),
    deliveryAttempts: attempt('attempts', otherwise(5, checkCount)),
    deliveryBackoffMs: attempt('backoff', within('1s')),
    sweepMs,
    leaseMs,
  }
}
