import { isDeepStrictEqual } from 'node:util'
import type { StandardSchema } from '../contracts/action'
import { isObject } from '../values/checks'

/** Where a value does not fit, as a Standard Schema says it. */
export interface Misfit {
  readonly message: string
  readonly path: readonly string[]
}

/** A check that costs more than this, or goes deeper, is left to the tool, which checks again. */
const MAX_STEPS = 20_000
const MAX_DEPTH = 200

/**
 * The check of a tool's arguments by the JSON Schema that its model was given, for frameworks that do not check them before
 * the gate is asked, or at all: see {@link misfits}. What fits is left as it is.
 *
 * @param schema - looked at in each check; untrusted. What is no schema asks for an object alone
 */
export function fitting(schema: () => unknown): StandardSchema<unknown, Readonly<Record<string, unknown>>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate(value) {
        if (!isObject(value)) return { issues: [{ path: [], message: 'must be of the type object' }] }
        const issues = misfits(schema(), value)
        return issues.length === 0 ? { value } : { issues }
      },
    },
  }
}

/**
 * Where a value certainly does not fit a JSON Schema, so that nobody is asked about a call that cannot run (T33). What this
 * does not know of (patterns, formats, conditions, remote references) fits: who runs the tool checks all of it once more.
 *
 * @param schema - as somebody else may have stated it: untrusted
 */
export function misfits(schema: unknown, value: unknown): readonly Misfit[] {
  let steps = 0
  let depth = 0

  function check(given: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    steps += 1
    if (steps > MAX_STEPS || depth > MAX_DEPTH) return []
    depth += 1
    const found = checkHere(given, at, path)
    depth -= 1
    return found
  }

  function checkHere(given: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    if (given === false) return [{ path, message: 'is not wanted' }]
    if (!isObject(given)) return []
    if (typeof given.$ref === 'string') return check(referred(schema, given.$ref), at, path)
    return [
      ...ofType(given, at, path),
      ...ofValue(given, at, path),
      ...(isObject(at) ? ofObject(given, at, path) : []),
      ...(Array.isArray(at) ? ofList(given, at, path) : []),
      ...listOf(given.allOf).flatMap((one) => check(one, at, path)),
      ...ofAny(given.anyOf ?? given.oneOf, at, path),
    ]
  }

  function ofObject(given: Schema, at: Schema, path: readonly string[]): readonly Misfit[] {
    const properties = isObject(given.properties) ? given.properties : {}
    const missing = listOf(given.required).filter(
      (name): name is string => typeof name === 'string' && !Object.hasOwn(at, name),
    )
    // Names that a pattern allows are not looked into: a pattern of a stranger can take for ever.
    const others = isObject(given.patternProperties) ? undefined : given.additionalProperties
    return [
      ...missing.map((name) => ({ path: [...path, name], message: 'is missing' })),
      ...Object.keys(at).flatMap((name) => {
        const known = Object.hasOwn(properties, name)
        if (!known && others === false) return [{ path: [...path, name], message: 'is no argument there' }]
        return check(known ? properties[name] : others, at[name], [...path, name])
      }),
    ]
  }

  function ofList(given: Schema, at: readonly unknown[], path: readonly string[]): readonly Misfit[] {
    const first = listOf(given.prefixItems).length
    const found = at.flatMap((item, index) =>
      index < first ? [] : check(given.items, item, [...path, String(index)]),
    )
    return [...bounded(given.minItems, given.maxItems, at.length, 'items', path), ...found]
  }

  function ofAny(choices: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    const all = listOf(choices)
    if (all.length === 0 || all.some((one) => check(one, at, path).length === 0)) return []
    return [{ path, message: 'fits none of the forms that it may have' }]
  }

  return check(schema, value, [])
}

type Schema = Readonly<Record<string, unknown>>

function ofType(given: Schema, at: unknown, path: readonly string[]): readonly Misfit[] {
  const types = typeof given.type === 'string' ? [given.type] : listOf(given.type)
  if (types.length === 0 || types.some((type) => isOfType(at, type))) return []
  return [{ path, message: `must be of the type ${types.join(' or ')}` }]
}

function ofValue(given: Schema, at: unknown, path: readonly string[]): readonly Misfit[] {
  if (Array.isArray(given.enum) && !given.enum.some((one) => isDeepStrictEqual(one, at)))
    return [{ path, message: `must be one of ${JSON.stringify(given.enum).slice(0, 200)}` }]
  if ('const' in given && !isDeepStrictEqual(given.const, at))
    return [{ path, message: `must be ${JSON.stringify(given.const)?.slice(0, 200)}` }]
  if (typeof at === 'string')
    return bounded(given.minLength, given.maxLength, [...at].length, 'characters', path)
  return typeof at === 'number' ? bounded(given.minimum, given.maximum, at, '', path) : []
}

function bounded(
  least: unknown,
  most: unknown,
  size: number,
  what: string,
  path: readonly string[],
): readonly Misfit[] {
  if (typeof least === 'number' && size < least)
    return [{ path, message: `must be at least ${least} ${what}`.trim() }]
  if (typeof most === 'number' && size > most)
    return [{ path, message: `must be at most ${most} ${what}`.trim() }]
  return []
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
    default:
      return true
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What a reference within the document names; anything else is not known. */
function referred(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return true
  return reference
    .slice(1)
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, step) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Schema)[step] : undefined,
      root,
    )
}
