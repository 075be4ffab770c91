import type { Duration } from '../contracts/clock'
import { OptionError } from '../errors'
import { parseDuration } from '../values/durations'

/** @throws OptionError `ERR_OPTION_INVALID` unless `text` is a string with something in it */
export function checkText(text: unknown, option: string): string {
  if (typeof text === 'string' && text.trim() !== '') return text
  throw new OptionError(option, 'must be a non-empty string')
}

/** @throws OptionError `ERR_OPTION_INVALID` unless `count` is a whole number of at least 1 */
export function checkCount(count: unknown, option: string): number {
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 1) return count
  throw new OptionError(option, 'must be a whole number of at least 1')
}

/** A switch that is off unless it was said. @throws OptionError `ERR_OPTION_INVALID` unless it is `true` or `false` */
export function checkSwitch(value: unknown, option: string): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw new OptionError(option, 'must be true or false')
}

/** Milliseconds of a duration that is longer than nothing. @throws OptionError `ERR_OPTION_INVALID` otherwise */
export function checkSpan(duration: Duration, option: string): number {
  const ms = parseDuration(duration, option)
  if (ms > 0) return ms
  throw new OptionError(option, 'must be longer than nothing')
}

/** Whether a value is an object with names, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
