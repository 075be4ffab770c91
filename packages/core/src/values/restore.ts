import { ArgumentsUnsupportedError } from '../errors'
import { restoreBytes } from './bytes'
import { isObject } from './checks'
import { pointerStep } from './pointer'

/** Stands where a live argument stood, in a list restored away from its call. */
export class LivePlaceholder {
  constructor(readonly facts: unknown) {}
}

/**
 * A fresh copy of a snapshot's arguments, as the function gets them. Each call makes another copy.
 *
 * @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED` for what no snapshot says: a reviewer's edit may hold anything
 */
export function restoreArguments(text: string): unknown[] {
  return decodeValue(text) as unknown[]
}

/** The value that {@link encodeValue} encoded. @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED` */
export function decodeValue(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Nothing is tagged in most snapshots, and then plain JSON is the value.
  return text.includes('"$type"') ? revive(value, '') : value
}

/** Turns encoded JSON, which nobody else holds, into the value it stands for. */
function revive(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return reviveList(value, path)
  if (Object.hasOwn(value, '$type')) return reviveTagged(value as Tagged, path)
  return reviveMembers(value as Record<string, unknown>, path)
}

interface Tagged {
  readonly $type: unknown
  readonly value?: unknown
  readonly view?: unknown
}

function reviveList(list: unknown[], path: string): unknown[] {
  for (let index = 0; index < list.length; index += 1) list[index] = revive(list[index], `${path}/${index}`)
  return list
}

function reviveMembers(members: Record<string, unknown>, path: string): Record<string, unknown> {
  for (const key of Object.keys(members)) {
    const inner = members[key]
    // An own `__proto__` is an own property here; the next snapshot refuses it.
    if (typeof inner === 'object' && inner !== null) members[key] = revive(inner, path + pointerStep(key))
  }
  return members
}

/** How many keys each kind of encoded value has. Exactly: what is left over would be lost without a word. */
const KEYS: Readonly<Record<string, number>> = { undefined: 1, bytes: 3 }

function reviveTagged(tagged: Tagged, path: string): unknown {
  const { $type: type } = tagged
  const keys = Object.keys(tagged).length
  if (typeof type === 'string' && keys === (Object.hasOwn(KEYS, type) ? KEYS[type] : 2)) {
    if (type === 'undefined') return undefined
    const revived = reviveKind(type, tagged, path)
    if (revived !== undefined) return revived
  }
  throw new ArgumentsUnsupportedError(path, 'is no valid encoding: its "$type" and "value" do not fit')
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** `undefined` for what does not fit. */
function reviveKind(type: string, { value, view }: Tagged, path: string): unknown {
  switch (type) {
    case 'number':
      return NUMBERS.get(value)
    case 'bigint':
      return typeof value === 'string' && /^(?:0|-?[1-9]\d*)$/.test(value) ? BigInt(value) : undefined
    case 'date':
      return reviveDate(value)
    case 'url':
      return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
    case 'map':
      return Array.isArray(value) && value.every(isPair)
        ? new Map(reviveList(value, path) as [unknown, unknown][])
        : undefined
    case 'set':
      return Array.isArray(value) ? new Set(reviveList(value, path)) : undefined
    case 'bytes':
      return restoreBytes(value, view) ?? undefined
    case 'object':
      return isObject(value) ? reviveMembers(value as Record<string, unknown>, path) : undefined
    case 'live':
      return new LivePlaceholder(revive(value, path))
    default:
      return undefined
  }
}

function reviveDate(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2
}
