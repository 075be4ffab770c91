/** Deeper than `canonicalize` goes. */
const MAX_DEPTH = 1_000

/**
 * Whether the plain `JSON.stringify` of a value is its canonical text (RFC 8785), lone surrogates aside: nothing but
 * plain data, with the keys of every object in the order of their UTF-16 code units.
 */
export function isInCanonicalOrder(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      if (value === null) return true
      if (depth >= MAX_DEPTH) return false
      return Array.isArray(value) ? isArrayInOrder(value, depth) : isObjectInOrder(value, depth)
    default:
      return false
  }
}

function isArrayInOrder(array: readonly unknown[], depth: number): boolean {
  // Indexed, not iterated: a hole is `undefined` and so refused. A prototype of its own may bring a toJSON.
  if (Object.getPrototypeOf(array) !== Array.prototype) return false
  for (let index = 0; index < array.length; index += 1) {
    if (!isInCanonicalOrder(array[index], depth + 1)) return false
  }
  return true
}

function isObjectInOrder(object: object, depth: number): boolean {
  if (Object.getPrototypeOf(object) !== Object.prototype) return false
  const members = object as Readonly<Record<string, unknown>>
  let before: string | undefined
  // No list of keys is made. What somebody put on Object.prototype is met too, and at worst takes the slow way.
  for (const key in members) {
    if (before !== undefined && key <= before) return false
    before = key
    if (!isInCanonicalOrder(members[key], depth + 1)) return false
  }
  return true
}

/** Whether a text written by `JSON.stringify` may hold a lone surrogate (`\ud800`), which has no UTF-8 form. */
export function mayHoldLoneSurrogate(text: string): boolean {
  return text.includes('\\ud')
}
