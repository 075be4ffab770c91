import type { Duration } from '../contracts/clock'
import { OptionError } from '../errors'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Longer is a mistake: seconds taken for milliseconds, or an overflow. */
const LONGEST = 3_653 * DAY

const WRITTEN = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/

const UNITS: Readonly<Record<string, number>> = { d: DAY, h: HOUR, m: MINUTE, s: SECOND, ms: 1 }

/**
 * A duration in whole milliseconds.
 *
 * @param option - what the error names
 * @throws OptionError `ERR_OPTION_INVALID` for anything but `'90s'`, `'1.5h'`, … or a number of milliseconds from 0 to ten years
 */
export function parseDuration(value: Duration, option: string): number {
  const ms = typeof value === 'number' ? value : readWritten(value)
  if (!(ms >= 0))
    throw new OptionError(
      option,
      `must be a duration such as '90s', '30m', '8h', '7d', or milliseconds; got ${named(value)}`,
    )
  if (ms > LONGEST) throw new OptionError(option, `must be at most ten years; got ${named(value)}`)
  return Math.round(ms)
}

function readWritten(value: unknown): number {
  const [, amount, unit] = typeof value === 'string' ? (WRITTEN.exec(value) ?? []) : []
  return amount === undefined || unit === undefined
    ? Number.NaN
    : Number(amount) * (UNITS[unit] ?? Number.NaN)
}

function named(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`
  return typeof value === 'number'
    ? String(value)
    : `a value of type ${value === null ? 'null' : typeof value}`
}

const STEPS = Object.entries(UNITS).filter(([, size]) => size >= SECOND)

/**
 * A span of milliseconds for people: its two largest units, `2h 5m`, `1d`, `45s`, `250ms`. What is smaller is left out, so it
 * never says more than there is. Less than nothing is `0s`.
 */
export function formatDuration(ms: number): string {
  const whole = Math.floor(ms)
  if (!(whole > 0)) return '0s'
  if (whole < SECOND) return `${whole}ms`
  const first = STEPS.findIndex(([, size]) => whole >= size)
  let left = whole
  const parts: string[] = []
  for (const [unit, size] of STEPS.slice(first, first + 2)) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.join(' ')
}
