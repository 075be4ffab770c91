import type { Duration } from '../contracts/clock'
import { OptionError } from '../errors'
import { parseDuration } from './durations'

/** @throws OptionError `ERR_OPTION_INVALID` unless `text` is a string with something in it */
export function checkText(text: unknown, option: string): string {
  if (typeof text === 'string' && text.trim() !== '') return text
  throw new OptionError(option, 'must be a non-empty string')
}

/** Any string, also an empty one. @throws OptionError `ERR_OPTION_INVALID` unless it is one */
export function checkString(text: unknown, option: string): string {
  if (typeof text === 'string') return text
  throw new OptionError(option, 'must be a string')
}

/** @throws OptionError `ERR_OPTION_INVALID` unless `count` is a whole number of at least `least` (1) */
export function checkCount(count: unknown, option: string, least = 1): number {
  if (Number.isSafeInteger(count) && (count as number) >= least) return count as number
  throw new OptionError(option, `must be a whole number of at least ${least}`)
}

/** A switch. @throws OptionError `ERR_OPTION_INVALID` unless it is `true` or `false`, or left out: then `otherwise` (false) */
export function checkSwitch(value: unknown, option: string, otherwise = false): boolean {
  if (value === undefined) return otherwise
  if (typeof value === 'boolean') return value
  throw new OptionError(option, 'must be true or false')
}

/** Milliseconds of a duration that is longer than nothing. @throws OptionError `ERR_OPTION_INVALID` otherwise */
export function checkSpan(duration: Duration, option: string): number {
  const ms = parseDuration(duration, option)
  if (ms > 0) return ms
  throw new OptionError(option, 'must be longer than nothing')
}

/** @throws OptionError `ERR_OPTION_INVALID` unless it is a function */
export function checkFunction<T>(value: T, option: string): T {
  if (typeof value === 'function') return value
  throw new OptionError(option, 'must be a function')
}

/** One of two words. @throws OptionError `ERR_OPTION_INVALID` unless it is one of them, or left out: then the first */
export function checkWord<First extends string, Second extends string>(
  word: unknown,
  option: string,
  first: First,
  second: Second,
): First | Second {
  if (word === undefined || word === first) return first
  if (word === second) return second
  throw new OptionError(option, `must be '${first}' or '${second}'`)
}

/**
 * A list. @throws OptionError `ERR_OPTION_INVALID` unless it is a list in which every entry is one, or left out: then an empty one
 *
 * @param what - what it holds, for the message: `key names`
 */
export function checkList<T>(
  list: readonly T[] | undefined,
  option: string,
  what: string,
  isOne: (entry: T) => boolean = () => true,
): readonly T[] {
  if (list === undefined) return []
  if (Array.isArray(list) && list.every(isOne)) return list
  throw new OptionError(option, `must be a list of ${what}`)
}

/** What `read` makes of a value, `null` where it was left out. */
export function ifGiven<T, Read>(
  value: T | undefined,
  read: (value: T, option: string) => Read,
  option: string,
): Read | null {
  return value === undefined ? null : read(value, option)
}

/** The check of an option that may be left out: then it is `null`. */
export function optional<T, Read>(
  check: (value: T, option: string) => Read,
): (value: T | undefined, option: string) => Read | null {
  return (value, option) => ifGiven(value, check, option)
}

/** The check of an option that has a default; `null` counts as left out. */
export function otherwise<T, Read>(
  standard: NoInfer<T>,
  check: (value: T, option: string) => Read,
): (value: T | undefined, option: string) => Read {
  return (value, option) => check(value ?? standard, option)
}

/** Whether a value is an object with names, and no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a string with something in it, be it only space. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
