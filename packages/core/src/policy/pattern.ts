import { OptionError } from '../errors'
import { isActionName } from './action'

/** Which actions a rule speaks of. Frozen. */
export interface ActionPattern {
  /** As it was written: `data.export`, `data.*` or `*`. */
  readonly text: string
  /** Whether an action falls under it. Pure, and never throws. */
  matches(action: string): boolean
}

/** Patterns come from configuration, so there are few; the bound only keeps a mistake from growing without end. */
const CACHED = 1_000
const cache = new Map<string, ActionPattern>()

/**
 * Compiles a pattern: an action's exact name, `data.*` for one or more further segments (`data.export`, `data.export.raw`,
 * but not `data`), or `*` for every action. Equal texts give the same object.
 *
 * @param option - what to name when the pattern is not one
 * @throws OptionError `ERR_OPTION_INVALID` for anything else: a pattern that matches nothing would leave calls unruled
 */
export function compilePattern(text: string, option: string): ActionPattern {
  const known = cache.get(text)
  if (known !== undefined) return known
  const pattern = Object.freeze({ text, matches: compile(text, option) })
  if (cache.size >= CACHED) cache.clear()
  cache.set(text, pattern)
  return pattern
}

function compile(text: unknown, option: string): ActionPattern['matches'] {
  if (text === '*') return () => true
  if (isActionName(text)) return (action) => action === text
  if (typeof text === 'string' && text.endsWith('.*') && isActionName(text.slice(0, -2))) {
    const prefix = text.slice(0, -1)
    return (action) => action.length > prefix.length && action.startsWith(prefix)
  }
  throw new OptionError(option, "must be an action's name, a pattern such as 'data.*', or '*'")
}
