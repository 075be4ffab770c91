import { ArgumentsUnsupportedError } from '../errors'
import { jsonString } from './json-string'
import { sortKeys } from './sort-keys'
import { bytesOf, isBytes } from './bytes'

/** Bounds on a snapshot. */
export interface SnapshotLimits {
  /** Nested values. @default 64 */
  readonly depth?: number
  /** Characters of the whole text. @default 1_000_000 */
  readonly characters?: number
  /** Values of all kinds. @default 100_000 */
  readonly values?: number
}

/** Facts that stand for an argument that cannot be copied. */
export interface LiveFacts {
  readonly index: number
  readonly facts: unknown
}

/**
 * Copies an argument list into canonical JSON text (RFC 8785), in one pass. The text is the snapshot: what is digested is
 * what is shown and what runs (I2). The encoding is injective: different values give different texts.
 *
 * | value | encoded as |
 * | --- | --- |
 * | null, boolean, string, finite number, list, plain object | itself |
 * | `undefined` | `{"$type":"undefined"}` |
 * | `NaN`, `±Infinity`, `-0` | `{"$type":"number","value":"NaN"}` |
 * | bigint | `{"$type":"bigint","value":"12"}` |
 * | `Date` | `{"$type":"date","value":"2026-01-01T00:00:00.000Z"}` |
 * | `URL` | `{"$type":"url","value":"https://example.com/"}` |
 * | `Map`, `Set` | `{"$type":"map","value":[[key,value]]}`, `{"$type":"set","value":[…]}`, in insertion order |
 * | typed array, `ArrayBuffer`, `Buffer` | `{"$type":"bytes","value":"<base64>","view":"Uint8Array"}` |
 * | a plain object with a key `$type` | `{"$type":"object","value":{…}}` |
 * | a live argument | `{"$type":"live","value":<its facts>}` |
 *
 * An instance with `toJSON` is copied as what that returns, and the function gets that. Getters are read once.
 *
 * @throws ArgumentsUnsupportedError naming the path of what cannot be copied faithfully (T50)
 */
export function snapshotArguments(
  args: readonly unknown[],
  options: { readonly limits?: SnapshotLimits; readonly live?: readonly LiveFacts[] } = {},
): string {
  const writer = new Writer(options.limits)
  const live = options.live
  let text = '['
  for (let index = 0; index < args.length; index += 1) {
    const facts = live?.find((one) => one.index === index)
    writer.path.push(index)
    text += index === 0 ? '' : ','
    text += facts === undefined ? writer.write(args[index], 1) : `{"$type":"live","value":${writer.write(facts.facts, 1)}}`
    writer.path.pop()
  }
  return writer.checked(`${text}]`)
}

/** Encodes one value the same way: a result, for its digest. @throws ArgumentsUnsupportedError */
export function encodeValue(value: unknown, limits?: SnapshotLimits): string {
  const writer = new Writer(limits)
  return writer.checked(writer.write(value, 0))
}

class Writer {
  readonly path: (string | number)[] = []
  readonly #ancestors: object[] = []
  readonly #maxDepth: number
  readonly #maxCharacters: number
  #valuesLeft: number
  #charactersLeft: number

  constructor({ depth = 64, characters = 1_000_000, values = 100_000 }: SnapshotLimits = {}) {
    this.#maxDepth = depth
    this.#maxCharacters = characters
    this.#charactersLeft = characters
    this.#valuesLeft = values
  }

  write(value: unknown, depth: number): string {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) throw this.#refuse('makes the arguments hold too many values')
    switch (typeof value) {
      case 'string':
        return this.#text(value)
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? `${value}` : `{"$type":"number","value":"${Object.is(value, -0) ? '-0' : value}"}`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'undefined':
        return '{"$type":"undefined"}'
      case 'bigint':
        return `{"$type":"bigint","value":"${value}"}`
      case 'object':
        return value === null ? 'null' : this.#nested(value, depth)
      default:
        throw this.#refuse(`is a ${typeof value}`)
    }
  }

  checked(text: string): string {
    if (text.length > this.#maxCharacters) throw this.#refuse(`is too large: over ${this.#maxCharacters} characters in all`)
    return text
  }

  #text(value: string): string {
    this.#charactersLeft -= value.length
    if (this.#charactersLeft < 0) throw this.#refuse(`makes the arguments larger than ${this.#maxCharacters} characters`)
    const text = jsonString(value)
    if (text === null) throw this.#refuse('holds half of a surrogate pair, which cannot be written faithfully')
    return text
  }

  #nested(value: object, depth: number): string {
    if (depth > this.#maxDepth) throw this.#refuse(`is nested deeper than ${this.#maxDepth} levels`)
    if (this.#ancestors.includes(value)) throw this.#refuse('is part of a cycle')
    this.#ancestors.push(value)
    const text = Array.isArray(value) ? this.#list(value, depth) : this.#object(value, depth)
    this.#ancestors.pop()
    return text
  }

  #list(list: readonly unknown[], depth: number): string {
    if (Object.keys(list).length !== list.length || Object.getOwnPropertySymbols(list).length > 0) {
      throw this.#refuse('is a list with holes or with properties of its own')
    }
    return this.#items(list, depth)
  }

  #items(list: readonly unknown[], depth: number): string {
    let text = '['
    for (let index = 0; index < list.length; index += 1) {
      this.path.push(index)
      text += index === 0 ? this.write(list[index], depth + 1) : `,${this.write(list[index], depth + 1)}`
      this.path.pop()
    }
    return `${text}]`
  }

  #object(value: object, depth: number): string {
    const prototype = Object.getPrototypeOf(value) as object | null
    if (prototype === Object.prototype || prototype === null) return this.#plain(value as Record<string, unknown>, depth)
    if (value instanceof Date) return this.#date(value)
    if (value instanceof Map) return this.#map(value, depth)
    if (value instanceof Set) return `{"$type":"set","value":${this.#items([...value], depth)}}`
    if (value instanceof URL) return `{"$type":"url","value":${this.#text(value.href)}}`
    if (isBytes(value)) return this.#bytes(value)
    return this.#instance(value, prototype, depth)
  }

  #plain(value: Record<string, unknown>, depth: number): string {
    if (typeof value['toJSON'] === 'function') return this.#converted(value, depth)
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refuse('has a symbol as a key')
    let text = ''
    for (const key of sortKeys(Object.keys(value))) {
      this.path.push(key)
      if (key === '__proto__') throw this.#refuse('is a key named __proto__')
      text += `${text === '' ? '{' : ','}${this.#text(key)}:${this.write(value[key], depth + 1)}`
      this.path.pop()
    }
    const body = text === '' ? '{}' : `${text}}`
    return Object.hasOwn(value, '$type') ? `{"$type":"object","value":${body}}` : body
  }

  #date(value: Date): string {
    if (Number.isNaN(value.getTime())) throw this.#refuse('is an invalid date')
    return `{"$type":"date","value":"${value.toISOString()}"}`
  }

  #map(value: ReadonlyMap<unknown, unknown>, depth: number): string {
    return `{"$type":"map","value":${this.#items([...value], depth)}}`
  }

  #bytes(value: ArrayBuffer | ArrayBufferView): string {
    const { base64, view } = bytesOf(value)
    this.#charactersLeft -= base64.length
    if (this.#charactersLeft < 0) throw this.#refuse(`makes the arguments larger than ${this.#maxCharacters} characters`)
    return `{"$type":"bytes","value":"${base64}","view":"${view}"}`
  }

  #instance(value: object, prototype: object, depth: number): string {
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return this.#converted(value, depth)
    // A plain object of another realm (a worker's, a test runner's) has a foreign Object.prototype.
    if (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')) {
      return this.#plain(value as Record<string, unknown>, depth)
    }
    const name: unknown = prototype.constructor?.name
    throw this.#refuse(`is an instance of ${typeof name === 'string' ? name : 'a class'} without toJSON`)
  }

  #converted(value: object, depth: number): string {
    return this.write((value as { toJSON(): unknown }).toJSON(), depth + 1)
  }

  #refuse(problem: string): ArgumentsUnsupportedError {
    const path = this.path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
    return new ArgumentsUnsupportedError(path, problem)
  }
}
