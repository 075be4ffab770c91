import type { Duration } from '../contracts/clock'
import type { Json } from '../contracts/json'
import type { GrantConstraint } from '../contracts/policy'
import { OptionError } from '../errors'
import { canonicalize } from '../values/canonical'
import { checkCount, checkSpan, checkString, checkText, optional } from '../values/checks'
import { deepFreeze } from '../values/deep-freeze'
import { checkOptions, readOptions } from '../values/options'
import { parsePointer } from '../values/pointer'
import { type Action, checkActionName, isAction } from './action'

/** A standing grant, as people ask for it. */
export interface GrantOptions {
  /**
   * One action; a pattern is refused (T26). Where this process does not wrap it, give the action that `defineAction` made:
   * what is not known to be shown is hidden in the log.
   */
  readonly action: Action | string
  /** The agent whose calls it covers. @default the gate's own */
  readonly requesterId?: string
  /**
   * Bounds that together bind every argument; a call with an argument that none binds asks again. `path` is a JSON Pointer
   * into the named arguments, and binds everything below it; values are in the snapshot's JSON encoding.
   */
  readonly constraints: readonly GrantConstraint[]
  readonly expiresIn: Duration
  /** How many calls it covers. */
  readonly uses: number
  /** Why it is given. @default '' */
  readonly note?: string
}

/** A grant's options, read: frozen, and copies of what was given. */
export interface ParsedGrant {
  readonly action: string
  /** `null`: the gate's own agent. */
  readonly requesterId: string | null
  readonly constraints: readonly GrantConstraint[]
  readonly expiresInMs: number
  readonly uses: number
  readonly note: string
}

/**
 * Reads the options of a standing grant.
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the option that is wrong, unknown or missing
 */
export function parseGrantOptions(options: GrantOptions): ParsedGrant {
  const known = ['action', 'requesterId', 'constraints', 'expiresIn', 'uses', 'note'] as const
  const read = readOptions(options, known, 'grant')
  const { action, constraints } = options
  if (!Array.isArray(constraints)) throw new OptionError('grant.constraints', 'must be a list of constraints')
  return deepFreeze({
    action: checkActionName(isAction(action) ? action.name : action, 'grant.action'),
    requesterId: read('requesterId', optional(checkText)),
    constraints: constraints.map((one, index) => parseConstraint(one, `grant.constraints[${index}]`)),
    expiresInMs: read('expiresIn', checkSpan),
    uses: read('uses', checkCount),
    note: read('note', (note = '', option) => checkString(note, option)),
  })
}

function parseConstraint(constraint: unknown, where: string): GrantConstraint {
  if (typeof constraint !== 'object' || constraint === null) {
    throw new OptionError(where, 'must be an object with a path and a bound')
  }
  const { path } = constraint as { readonly path: string }
  parsePointer(path, `${where}.path`)
  if ('any' in constraint) return parseAny(constraint, path, where)
  if ('equals' in constraint) {
    checkOptions(constraint, ['path', 'equals'], where)
    return { path, equals: copyJson(constraint.equals, `${where}.equals`) }
  }
  if ('oneOf' in constraint) return parseOneOf(constraint, path, where)
  if ('atMost' in constraint) return parseRange(constraint, path, where)
  throw new OptionError(where, 'needs one of equals, oneOf, atMost, or any: true')
}

function parseAny(constraint: { readonly any: unknown }, path: string, where: string): GrantConstraint {
  checkOptions(constraint, ['path', 'any'], where)
  if (constraint.any !== true) throw new OptionError(`${where}.any`, 'must be true, or left out')
  return { path, any: true }
}

function parseOneOf(constraint: { readonly oneOf: unknown }, path: string, where: string): GrantConstraint {
  checkOptions(constraint, ['path', 'oneOf'], where)
  const { oneOf } = constraint
  if (!Array.isArray(oneOf) || oneOf.length === 0) {
    throw new OptionError(`${where}.oneOf`, 'must be a list of at least one value')
  }
  return { path, oneOf: oneOf.map((one: unknown, index) => copyJson(one, `${where}.oneOf[${index}]`)) }
}

function parseRange(
  constraint: { readonly atMost: unknown; readonly atLeast?: unknown },
  path: string,
  where: string,
): GrantConstraint {
  checkOptions(constraint, ['path', 'atMost', 'atLeast'], where)
  const atMost = parseBound(constraint.atMost, `${where}.atMost`)
  if (constraint.atLeast === undefined) return { path, atMost }
  const atLeast = parseBound(constraint.atLeast, `${where}.atLeast`)
  if (atLeast > atMost) throw new OptionError(`${where}.atLeast`, 'must not be more than atMost')
  return { path, atMost, atLeast }
}

function parseBound(bound: unknown, option: string): number {
  if (typeof bound === 'number' && Number.isFinite(bound)) return bound
  throw new OptionError(option, 'must be a number')
}

/** What is kept is a copy: changing the caller's object later changes no grant. */
function copyJson(value: unknown, option: string): Json {
  try {
    return JSON.parse(canonicalize(value as Json)) as Json
  } catch {
    throw new OptionError(option, 'must be plain JSON')
  }
}
