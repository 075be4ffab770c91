/** The value that is kept for a key, made when it is first asked for. It lives for as long as the key does. */
export function kept<Key extends object, Value>(
  values: WeakMap<Key, Value>,
  key: Key,
  make: (key: Key) => Value,
): Value {
  const known = values.get(key)
  if (known !== undefined) return known
  const made = make(key)
  values.set(key, made)
  return made
}

/** Makes room in a map for no more than `most`: what was set first goes first. Called after each that is set. */
export function dropOldest<Key>(map: Map<Key, unknown>, most: number): void {
  const [oldest] = map.size > most ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
}
