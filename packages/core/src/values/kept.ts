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
export function dropOldest(map: Map<unknown, unknown>, most: number): void {
  if (map.size > most) takeOldest(map)
}

/** Where the last oldest member of each collection was found. */
const walks = new WeakMap<object, Iterator<unknown>>()

/**
 * Takes out of a map or set what was added first: its key; `undefined` when it is empty. It walks on from where the last one
 * was: from the beginning, a collection looks again at every place of what was taken before, which with 10,000 members costs
 * ten times as much, and the processor's cache.
 */
export function takeOldest<Key>(members: {
  keys(): Iterator<Key>
  delete(key: Key): boolean
}): Key | undefined {
  let next = (kept(walks, members, () => members.keys()) as Iterator<Key>).next()
  if (next.done === true) {
    // A walk that came to its end sees nothing of what is added afterwards.
    const walk = members.keys()
    walks.set(members, walk)
    next = walk.next()
  }
  if (next.done === true) return undefined
  members.delete(next.value)
  return next.value
}
