import { ArgumentsInvalidError } from '../errors'

/**
 * The view of an argument list that rules and people read: by the parameters' names; without names, a single plain object
 * is the view itself; else `arg0`, `arg1`… Works on encoded JSON and on restored values alike.
 */
export function nameArguments<T>(list: readonly T[], parameters: readonly string[] | null): { readonly [name: string]: T } {
  if (parameters === null && list.length === 1 && isPlain(list[0])) return list[0] as { readonly [name: string]: T }
  return Object.fromEntries(list.map((value, index) => [nameOf(index, parameters), value]))
}

/**
 * The argument list of an edited view: the exact inverse.
 *
 * @param original - the list that the view was made of
 * @throws ArgumentsInvalidError for a name that the call does not have
 */
export function unnameArguments<T>(
  view: { readonly [name: string]: T },
  original: readonly T[],
  parameters: readonly string[] | null,
): T[] {
  if (parameters === null && original.length === 1 && isPlain(original[0])) return [view as T]
  const names = parameters ?? original.map((_, index) => nameOf(index, null))
  const unknown = Object.keys(view).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new ArgumentsInvalidError('the call', [{ path: `/${unknown}`, message: 'there is no argument of this name' }])
  }
  const last = names.reduce((most, name, index) => (Object.hasOwn(view, name) ? index : most), -1)
  return names.slice(0, last + 1).map((name) => view[name] as T)
}

function nameOf(index: number, parameters: readonly string[] | null): string {
  return parameters?.[index] ?? `arg${index}`
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  // A tagged value is one argument, not the list of them.
  return (prototype === Object.prototype || prototype === null) && !Object.hasOwn(value, '$type')
}
