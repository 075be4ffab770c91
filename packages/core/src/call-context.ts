import type { CallContext, WaitMode } from './ambient'
import type { Duration } from './contracts/clock'
import { OptionError } from './errors'
import { checkSwitch, isText } from './values/checks'
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

const TEXTS = ['runId', 'callId', 'key', 'intent', 'model', 'agent', 'traceparent'] as const
const CONTEXT: readonly (keyof CallContext)[] = ['onBehalfOf', ...TEXTS, 'signal', 'retry', 'wait']

/** Checks what a host program says of its calls: a misspelt `callId` would silently be no key. @throws OptionError */
export function parseCallContext(context: CallContext, where: string): CallContext {
  checkOptions(context, CONTEXT, where)
  for (const name of TEXTS) {
    if (context[name] !== undefined && !isText(context[name]))
      throw new OptionError(`${where}.${name}`, 'must be a non-empty text')
  }
  checkSwitch(context.retry, `${where}.retry`)
  if (context.signal !== undefined && !(context.signal instanceof AbortSignal))
    throw new OptionError(`${where}.signal`, 'must be an AbortSignal')
  return context.wait === undefined ? context : { ...context, wait: parseWait(context.wait, `${where}.wait`) }
}
