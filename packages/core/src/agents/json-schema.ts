import type { StandardSchema } from '../contracts/action'
import { isObject } from '../values/checks'

/** Where a value does not fit, as a Standard Schema says it. */
export interface Misfit {
  readonly message: string
  readonly path: readonly string[]
}

/** A check that costs more than this, or goes deeper, is left to the tool, which checks again. */
const MAX_WORK = 200_000
const MAX_DEPTH = 200
const MAX_TOLD = 100
/** Characters are counted faster than anything else is looked at. */
const CHARACTERS_AT_ONCE = 16

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
 * @param schema - as somebody else may have stated it: untrusted. Whatever it says, the check ends soon, and does not throw
 * @returns the first hundred
 */
export function misfits(schema: unknown, value: unknown): readonly Misfit[] {
  let left = MAX_WORK
  let depth = 0

  /** Pays for what is looked at next. `false`: it would cost too much. */
  function pays(cost: number): boolean {
    left -= cost
    return left >= 0
  }

  function each(
    list: readonly unknown[],
    look: (one: unknown, index: number) => readonly Misfit[],
  ): Misfit[] {
    const found: Misfit[] = []
    for (let index = 0; index < list.length && pays(1); index += 1) found.push(...look(list[index], index))
    return found
  }

  function misfit(path: readonly string[], message: string): readonly Misfit[] {
    return pays(path.length + 1) ? [{ path, message }] : []
  }

  function check(given: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    if (depth > MAX_DEPTH || !pays(1)) return []
    depth += 1
    const found = checkHere(given, at, path)
    depth -= 1
    return found
  }

  function checkHere(given: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    if (given === false) return misfit(path, 'is not wanted')
    if (!isObject(given)) return []
    if (typeof given.$ref === 'string')
      return pays(given.$ref.length) ? check(referred(schema, given.$ref), at, path) : []
    return [
      ...ofType(given, at, path),
      ...ofValue(given, at, path),
      ...(isObject(at) ? ofObject(given, at, path) : []),
      ...(Array.isArray(at) ? ofList(given, at, path) : []),
      ...each(listOf(given.allOf), (one) => check(one, at, path)),
      ...ofAny(given.anyOf ?? given.oneOf, at, path),
    ]
  }

  function ofType(given: Schema, at: unknown, path: readonly string[]): readonly Misfit[] {
    const types = typeof given.type === 'string' ? [given.type] : listOf(given.type)
    if (types.length === 0 || !pays(types.length) || types.some((type) => isOfType(at, type))) return []
    return misfit(path, `must be of the type ${types.slice(0, 10).map(worded).join(' or ')}`)
  }

  function ofValue(given: Schema, at: unknown, path: readonly string[]): readonly Misfit[] {
    if (Array.isArray(given.enum) && !given.enum.some((one) => equals(one, at, 0)))
      return misfit(path, `must be one of [${given.enum.slice(0, 20).map(quoted).join(', ')}]`)
    if ('const' in given && !equals(given.const, at, 0)) return misfit(path, `must be ${quoted(given.const)}`)
    if (typeof at === 'string') return ofText(given, at, path)
    return typeof at === 'number' ? bounded(given.minimum, given.maximum, at, '', path) : []
  }

  function ofText({ maxLength, minLength }: Schema, at: string, path: readonly string[]): readonly Misfit[] {
    if (typeof minLength !== 'number' && typeof maxLength !== 'number') return []
    if (!pays(at.length / CHARACTERS_AT_ONCE)) return []
    return bounded(minLength, maxLength, [...at].length, 'characters', path)
  }

  function ofObject(given: Schema, at: Schema, path: readonly string[]): readonly Misfit[] {
    const properties = isObject(given.properties) ? given.properties : {}
    // Names that a pattern allows are not looked into: a pattern of a stranger can take for ever.
    const others = isObject(given.patternProperties) ? undefined : given.additionalProperties
    return [
      ...each(listOf(given.required), (name) =>
        typeof name === 'string' && !Object.hasOwn(at, name) ? misfit([...path, name], 'is missing') : [],
      ),
      ...each(Object.keys(at), (one) => {
        const name = one as string
        const known = Object.hasOwn(properties, name)
        if (!known && others === false) return misfit([...path, name], 'is no argument there')
        return check(known ? properties[name] : others, at[name], [...path, name])
      }),
    ]
  }

  function ofList(given: Schema, at: readonly unknown[], path: readonly string[]): readonly Misfit[] {
    const first = listOf(given.prefixItems).length
    return [
      ...bounded(given.minItems, given.maxItems, at.length, 'items', path),
      ...each(at, (item, index) => (index < first ? [] : check(given.items, item, [...path, String(index)]))),
    ]
  }

  function ofAny(choices: unknown, at: unknown, path: readonly string[]): readonly Misfit[] {
    const all = listOf(choices)
    if (all.length === 0 || all.some((one) => check(one, at, path).length === 0)) return []
    return misfit(path, 'fits none of the forms that it may have')
  }

  function bounded(
    least: unknown,
    most: unknown,
    size: number,
    what: string,
    path: readonly string[],
  ): readonly Misfit[] {
    if (typeof least === 'number' && size < least)
      return misfit(path, `must be at least ${least} ${what}`.trim())
    if (typeof most === 'number' && size > most) return misfit(path, `must be at most ${most} ${what}`.trim())
    return []
  }

  /** Whether two values of JSON are equal, or could be for all that may be looked at. */
  function equals(one: unknown, other: unknown, down: number): boolean {
    if (down > MAX_DEPTH || !pays(1)) return true
    if (typeof one === 'string' && typeof other === 'string' && one.length === other.length)
      return !pays(one.length / CHARACTERS_AT_ONCE) || one === other
    if (Array.isArray(one) && Array.isArray(other))
      return one.length === other.length && one.every((item, index) => equals(item, other[index], down + 1))
    if (!isObject(one) || !isObject(other)) return one === other
    const names = Object.keys(one)
    if (!pays(names.length)) return true
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && equals(one[name], other[name], down + 1))
    )
  }

  return check(schema, value, []).slice(0, MAX_TOLD)
}

type Schema = Readonly<Record<string, unknown>>

/** A value of a schema, for a message: short, whatever it is. */
function quoted(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}'
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 100) : value) ?? 'nothing'
}

function worded(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : quoted(value)
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
