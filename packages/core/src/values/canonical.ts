import type { Json, JsonObject } from '../contracts/json'
import { ArgumentsUnsupportedError } from '../errors'
import { jsonString } from './json-string'
import { isPlainObject } from './plain-object'
import { formatPointer } from './pointer'
import { sortKeys } from './sort-keys'

/** Deeper than any document of ours, and far from the end of the stack. */
const MAX_DEPTH = 1_000

type Path = (string | number)[]

/**
 * The canonical JSON text of a value, as RFC 8785 (JCS) defines it: equal values have equal text, whatever the order their
 * keys were added in.
 *
 * @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED` for what JSON cannot say (`undefined`, `NaN`, an infinity, a
 *   class instance, a hole in an array, a lone surrogate) and for nesting deeper than 1,000: nothing is dropped silently
 */
export function canonicalize(value: Json): string {
  return write(value, [], 0)
}

/** `path` holds the steps to where we are; what lies beyond `depth` is left over and means nothing. */
function write(value: Json, path: Path, depth: number): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value) ?? refuse(path, depth, 'holds a lone surrogate')
    case 'number':
      return Number.isFinite(value) ? `${value}` : refuse(path, depth, `is ${value}, which JSON cannot say`)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === MAX_DEPTH) return refuse(path, depth, `is nested deeper than ${MAX_DEPTH}`)
      return isArray(value) ? writeArray(value, path, depth) : writeObject(value, path, depth)
    default:
      return refuse(
        path,
        depth,
        `is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which JSON cannot say`,
      )
  }
}

function writeArray(array: readonly Json[], path: Path, depth: number): string {
  let text = '['
  for (let index = 0; index < array.length; index += 1) {
    path[depth] = index
    const element = write(array[index] as Json, path, depth + 1)
    text += index === 0 ? element : `,${element}`
  }
  return `${text}]`
}

function writeObject(object: JsonObject, path: Path, depth: number): string {
  if (!isPlainObject(object)) return refuse(path, depth, 'is an instance of a class')
  const keys = sortKeys(Object.keys(object))
  let text = '{'
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string
    path[depth] = key
    const name = jsonString(key) ?? refuse(path, depth, 'has a key with a lone surrogate')
    const member = write(object[key] as Json, path, depth + 1)
    text += index === 0 ? `${name}:${member}` : `,${name}:${member}`
  }
  return `${text}}`
}

/** `Array.isArray` does not narrow a union with a readonly array. */
function isArray(value: JsonObject | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value)
}

function refuse(path: Path, depth: number, problem: string): never {
  throw new ArgumentsUnsupportedError(formatPointer(path.slice(0, depth)), problem)
}
