import type { Json, JsonObject } from '../contracts/json'
import { ArgumentsInvalidError, OptionError } from '../errors'
import { isObjectPrototype } from './plain-object'
import { pointerStep } from './pointer'

/** Arguments by name. */
export type NamedArguments<T> = { readonly [name: string]: T }

/**
 * The view of an argument list that rules and people read: by the parameters' names; without names, a single plain object
 * is the view itself; else `arg0`, `arg1`… Works on encoded JSON and on restored values alike, and names both the same way.
 *
 * @throws ArgumentsInvalidError `ERR_ARGUMENTS_INVALID` when there are more arguments than names
 * @throws OptionError `ERR_OPTION_INVALID` when two parameters have one name: one argument would hide the other (I9)
 */
export function nameArguments<T>(
  list: readonly T[],
  parameters: readonly string[] | null,
): NamedArguments<T> {
  if (parameters === null && isView(list)) return list[0] as NamedArguments<T>
  if (parameters !== null && list.length > parameters.length) {
    throw invalid(`/${parameters.length}`, `there are names for ${parameters.length} arguments only`)
  }
  const view: Record<string, T> = {}
  for (let index = 0; index < list.length; index += 1) {
    const name = parameters?.[index] ?? `arg${index}`
    if (name === '__proto__') throw new OptionError('parameters', 'cannot hold "__proto__"')
    if (Object.hasOwn(view, name)) throw new OptionError('parameters', `holds "${name}" twice`)
    view[name] = list[index] as T
  }
  return view
}

/** The same of a snapshot's text, in its encoding. */
export function namedView(text: string, parameters: readonly string[] | null): JsonObject {
  return nameArguments(JSON.parse(text) as Json[], parameters)
}

/**
 * The view that standing grants are held to (T26). An object with such a name, as the only argument, would look like several
 * arguments: here it is one.
 */
export function grantView(text: string, parameters: readonly string[] | null): JsonObject {
  const list = JSON.parse(text) as Json[]
  const isMistakable =
    parameters === null &&
    isView(list) &&
    Object.keys(list[0] as JsonObject).some((name) => /^arg\d/.test(name))
  return isMistakable ? { arg0: list[0] as Json } : nameArguments(list, parameters)
}

/**
 * The argument list of an edited view: the exact inverse. A name left out at the end makes the list shorter.
 *
 * @param original - the list that the view was made of
 * @param gap - stands for a name that was left out before another one. @default undefined
 * @throws ArgumentsInvalidError `ERR_ARGUMENTS_INVALID` for a name that the call does not have, and for what is no view
 */
export function unnameArguments<T>(
  view: NamedArguments<T>,
  original: readonly T[],
  parameters: readonly string[] | null,
  gap?: T,
): T[] {
  if (typeof view !== 'object' || view === null || Array.isArray(view))
    throw invalid('', 'named arguments are an object')
  if (parameters === null && isView(original)) {
    // As the only argument, an object with this key would stand for another kind of value.
    if (Object.hasOwn(view, '$type')) throw invalid('/$type', 'cannot be a name here')
    return [view as T]
  }
  const names = parameters ?? original.map((_, index) => `arg${index}`)
  let length = 0
  for (const name of Object.keys(view)) {
    const index = names.indexOf(name)
    if (index === -1) throw invalid(pointerStep(name.slice(0, 60)), 'there is no argument of this name')
    length = Math.max(length, index + 1)
  }
  return names.slice(0, length).map((name) => (Object.hasOwn(view, name) ? view[name] : gap) as T)
}

function isView(list: readonly unknown[]): boolean {
  const [only] = list
  if (list.length !== 1 || typeof only !== 'object' || only === null) return false
  const prototype = Object.getPrototypeOf(only) as object | null
  // A tagged value is one argument, not the list of them.
  return (prototype === null || isObjectPrototype(prototype)) && !Object.hasOwn(only, '$type')
}

function invalid(path: string, message: string): ArgumentsInvalidError {
  return new ArgumentsInvalidError('the call', [{ path, message }])
}
