/** From here on, the engine's own sort is faster than insertion. */
const MANY = 24

/** Sorts in place by UTF-16 code units, as RFC 8785 orders keys. Costs one look when they are in order already. */
export function sortKeys(keys: string[]): string[] {
  if (keys.length > MANY) return keys.sort()
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] as string
    let at = index
    for (; at > 0; at -= 1) {
      const before = keys[at - 1] as string
      if (!comesBefore(key, before)) break
      keys[at] = before
    }
    if (at !== index) keys[at] = key
  }
  return keys
}

/** Most keys differ in their first character, and comparing numbers is cheaper than comparing strings. */
function comesBefore(one: string, other: string): boolean {
  const difference = one.charCodeAt(0) - other.charCodeAt(0)
  // Not a number when either is empty.
  if (difference < 0) return true
  if (difference > 0) return false
  return one < other
}
