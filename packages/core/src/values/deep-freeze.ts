import { isPlainObject } from './plain-object'

/**
 * Freezes a tree of plain objects and arrays in place, and gives it back. Looks into Maps and Sets, but those, like dates
 * and byte arrays, cannot be frozen in JavaScript: hand out copies of them. Class instances and functions are left alone.
 */
export function deepFreeze<T>(value: T): T {
  freeze(value, null)
  return value
}

/** `seen`: what was frozen before we came, so that cycles among such end. */
function freeze(value: unknown, seen: Set<object> | null): void {
  if (typeof value !== 'object' || value === null) return
  let met = seen
  const isTree = Array.isArray(value) || isPlainObject(value)
  if (!isTree || Object.isFrozen(value)) {
    // An object we froze a moment ago looks the same as one that came frozen: both are walked once more at most.
    met ??= new Set()
    if (met.has(value)) return
    met.add(value)
  } else {
    Object.freeze(value)
  }
  if (isTree) {
    freezeMembers(value, met)
    return
  }
  if (value instanceof Map) for (const key of value.keys()) freeze(key, met)
  if (value instanceof Map || value instanceof Set) for (const member of value.values()) freeze(member, met)
}

function freezeMembers(tree: object, seen: Set<object> | null): void {
  for (const key of Object.keys(tree)) {
    const descriptor = Object.getOwnPropertyDescriptor(tree, key)
    // An accessor would run code, and gives what it likes at the next look anyway.
    if (descriptor !== undefined && 'value' in descriptor) freeze(descriptor.value, seen)
  }
}
