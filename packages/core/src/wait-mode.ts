import type { WaitMode } from './ambient'
import type { Duration } from './contracts/clock'
import { OptionError } from './errors'
import { parseDuration } from './values/durations'
import { checkOptions } from './values/options'

/** Checks a wait mode. @throws OptionError */
export function parseWait(wait: unknown, option: string): WaitMode {
  if (wait === 'inline' || wait === 'suspend') return wait
  if (typeof wait === 'object' && wait !== null && 'inlineFor' in wait) {
    checkOptions(wait, ['inlineFor'], option)
    return { inlineFor: parseDuration(wait.inlineFor as Duration, `${option}.inlineFor`) }
  }
  throw new OptionError(option, "is 'inline', 'suspend' or { inlineFor: '30s' }")
}

