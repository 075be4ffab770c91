import { ArgumentsUnsupportedError } from '../errors'
import { bytesOf } from './bytes'
import { jsonString } from './json-string'
import { formatPointer } from './pointer'
import { sortKeys } from './sort-keys'
import { kindOf } from './value-kind'

/** Bounds on a snapshot. */
export interface SnapshotLimits {
  /** Nested values; at most 500. @default 64 */
  readonly depth?: number
  /** Characters of the whole text; at most 100 million. @default 1_000_000 */
  readonly characters?: number
  /** Values of all kinds; at most 10 million. @default 100_000 */
  readonly values?: number
}

/**
 * Writes live values as text, reading each once. No getter of an object is run: looking at a call does nothing. (Elements of
 * a list are read plainly; asking for each one's descriptor would double the cost of the snapshot, and the text is what
 * runs in any case.) `depth` is the number of steps from the root to a value.
 */
export class SnapshotWriter {
  // Steps and objects from the root to where we are; what lies beyond `depth` is left over and means nothing.
  readonly #path: (string | number)[] = []
  readonly #ancestors: object[] = []
  readonly #maxDepth: number
  readonly #maxCharacters: number
  #charactersLeft: number
  #valuesLeft: number

  constructor({ depth = 64, characters = 1_000_000, values = 100_000 }: SnapshotLimits = {}) {
    this.#maxDepth = depth
    this.#maxCharacters = characters
    this.#charactersLeft = characters
    this.#valuesLeft = values
  }

  /** The text of a whole value. @throws ArgumentsUnsupportedError, also for what throws when it is looked at */
  whole(write: (writer: this) => string): string {
    let text: string
    try {
      text = write(this)
    } catch (error) {
      if (error instanceof ArgumentsUnsupportedError) throw error
      throw this.#refusal(0, 'could not be read: looking at it threw', error)
    }
    return text.length > this.#maxCharacters ? this.#tooLarge(0) : text
  }

  /** A member of the value that is being written. */
  member(step: string | number, value: unknown, depth: number): string {
    this.#path[depth] = step
    return this.write(value, depth + 1)
  }

  write(value: unknown, depth: number): string {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) return this.#refuse(depth, 'makes the arguments hold too many values')
    switch (typeof value) {
      case 'string':
        return this.#text(value, depth)
      case 'number':
        // `1 / -0` is -Infinity.
        if (Number.isFinite(value) && (value !== 0 || 1 / value > 0)) return `${value}`
        return `{"$type":"number","value":"${value === 0 ? '-0' : value}"}`
      case 'boolean':
        return value ? 'true' : 'false'
      case 'undefined':
        return '{"$type":"undefined"}'
      case 'bigint':
        return `{"$type":"bigint","value":"${value}"}`
      case 'object':
        return value === null ? 'null' : this.#nested(value, depth)
      default:
        return this.#refuse(depth, `is a ${typeof value}`)
    }
  }

  #text(value: string, depth: number): string {
    this.#charactersLeft -= value.length
    if (this.#charactersLeft < 0) return this.#tooLarge(depth)
    return (
      jsonString(value) ??
      this.#refuse(depth, 'holds half of a surrogate pair, which cannot be written faithfully')
    )
  }

  #nested(value: object, depth: number): string {
    if (depth > this.#maxDepth) return this.#refuse(depth, `is nested deeper than ${this.#maxDepth} levels`)
    for (let above = 0; above < depth; above += 1) {
      if (this.#ancestors[above] === value) return this.#refuse(depth, 'is part of a cycle')
    }
    this.#ancestors[depth] = value
    const kind = kindOf(value)
    if (kind === 'plain') return this.#plain(value as Record<string, unknown>, depth)
    if (kind === 'list') return this.#list(value as readonly unknown[], depth)
    if (kind === 'bytes') return this.#bytes(value as ArrayBuffer | ArrayBufferView, depth)
    if (kind === 'instance' || kind === 'error') return this.#instance(value, kind, depth)
    if (Reflect.ownKeys(value).length > 0)
      return this.#refuse(depth, `is a ${kind} with properties of its own`)
    if (kind === 'date') return this.#date(value as Date, depth)
    if (kind === 'url') return `{"$type":"url","value":${this.#text((value as URL).href, depth)}}`
    return `{"$type":"${kind}","value":${this.#items([...(value as Iterable<unknown>)], depth)}}`
  }

  #plain(value: Record<string, unknown>, depth: number): string {
    if (Object.getOwnPropertySymbols(value).length > 0) return this.#refuse(depth, 'has a symbol as a key')
    let text = '{'
    let tagged = false
    for (const key of sortKeys(Object.getOwnPropertyNames(value))) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      this.#path[depth] = key
      if (property?.enumerable !== true) return this.#refuse(depth + 1, 'is a hidden property')
      if (!('value' in property)) return this.#refuse(depth + 1, 'is a getter or setter')
      if (key === '__proto__') return this.#refuse(depth + 1, 'is a key named __proto__')
      if (key === '$type') tagged = true
      const member = `${this.#text(key, depth + 1)}:${this.write(property.value, depth + 1)}`
      text += text.length === 1 ? member : `,${member}`
    }
    return tagged ? `{"$type":"object","value":${text}}}` : `${text}}`
  }

  #list(list: readonly unknown[], depth: number): string {
    // Elements are the keys of a list; who has more or fewer has holes, or properties that JSON would drop.
    if (Object.keys(list).length !== list.length || Object.getOwnPropertySymbols(list).length > 0) {
      return this.#refuse(depth, 'is a list with holes or with properties of its own')
    }
    return this.#items(list, depth)
  }

  #items(list: readonly unknown[], depth: number): string {
    let text = '['
    for (let index = 0; index < list.length; index += 1) {
      const item = this.member(index, list[index], depth)
      text += index === 0 ? item : `,${item}`
    }
    return `${text}]`
  }

  #date(value: Date, depth: number): string {
    const time = Date.prototype.getTime.call(value)
    if (Number.isNaN(time)) return this.#refuse(depth, 'is an invalid date')
    return `{"$type":"date","value":"${new Date(time).toISOString()}"}`
  }

  #bytes(value: ArrayBuffer | ArrayBufferView, depth: number): string {
    // Base64 is a third longer: refused before it is made.
    this.#charactersLeft -= Math.ceil(value.byteLength / 3) * 4
    if (this.#charactersLeft < 0) return this.#tooLarge(depth)
    const { base64, view } = bytesOf(value)
    return `{"$type":"bytes","value":"${base64}","view":"${view}"}`
  }

  #instance(value: object, kind: 'instance' | 'error', depth: number): string {
    if (kind === 'error') return this.#refuse(depth, 'is an error')
    const { toJSON } = value as { readonly toJSON?: unknown }
    if (typeof toJSON !== 'function')
      return this.#refuse(depth, `is an instance of ${className(value)} without toJSON`)
    let plain: unknown
    try {
      plain = toJSON.call(value)
    } catch (error) {
      throw this.#refusal(depth, 'could not be read: its toJSON threw', error)
    }
    // Following further could go on for ever.
    if (typeof plain === 'object' && plain !== null && kindOf(plain) === 'instance') {
      return this.#refuse(depth, `is an instance of ${className(value)} whose toJSON gives no plain data`)
    }
    return this.write(plain, depth)
  }

  #tooLarge(depth: number): never {
    return this.#refuse(depth, `makes the arguments larger than ${this.#maxCharacters} characters`)
  }

  #refuse(depth: number, problem: string): never {
    throw this.#refusal(depth, problem)
  }

  #refusal(depth: number, problem: string, cause?: unknown): ArgumentsUnsupportedError {
    return new ArgumentsUnsupportedError(formatPointer(this.#path.slice(0, depth)), problem, cause)
  }
}

/** For a message: a name as classes have it, never text that a value made up. */
function className(value: object): string {
  const owner: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) as object,
    'constructor',
  )?.value
  const name = typeof owner === 'function' ? owner.name : ''
  return /^[A-Za-z_$][\w$]{0,59}$/.test(name) ? name : 'a class'
}
