import { restoreBytes } from './bytes'

/** Stands where a live argument stood, in a list restored away from its call. */
export class LivePlaceholder {
  constructor(readonly facts: unknown) {}
}

/** A fresh copy of a snapshot's arguments, as the function gets them. Each call makes another copy. */
export function restoreArguments(text: string): unknown[] {
  return decodeValue(text) as unknown[]
}

/** The value that {@link encodeValue} encoded. */
export function decodeValue(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Nothing is tagged in most snapshots, and then plain JSON is the value.
  return text.includes('"$type"') ? revive(value) : value
}

/** Turns encoded JSON into the values it stands for. */
export function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(revive)
  if (!Object.hasOwn(value, '$type')) return reviveEntries(value)
  const { $type: type, value: inner, view } = value as { $type: unknown; value?: unknown; view?: unknown }
  switch (type) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(inner)
    case 'bigint':
      return BigInt(inner as string)
    case 'date':
      return new Date(inner as string)
    case 'url':
      return new URL(inner as string)
    case 'map':
      return new Map((inner as [unknown, unknown][]).map(([key, one]) => [revive(key), revive(one)]))
    case 'set':
      return new Set((inner as unknown[]).map(revive))
    case 'bytes':
      return restoreBytes(inner as string, view as string)
    case 'object':
      return reviveEntries(inner as object)
    case 'live':
      return new LivePlaceholder(revive(inner))
    default:
      throw new TypeError('an encoded value has a type that does not exist')
  }
}

function reviveEntries(value: object): Record<string, unknown> {
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([key, one]) => [key, revive(one)]))
}
