/**
 * The first name that an object of a JSON text has twice; `null` when there is none. `JSON.parse` keeps the last of them,
 * other readers the first.
 *
 * @param text - that `JSON.parse` accepts
 */
export function findRepeatedKey(text: string): string | null {
  /** Names of the objects we are in; `null` for an array. */
  const open: (Set<string> | null)[] = []
  // Strings first: brackets inside of them mean nothing.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token.endsWith(':')) {
      const name: string = JSON.parse(token.slice(0, -1))
      const names = open.at(-1)
      if (names?.has(name)) return name
      names?.add(name)
    }
  }
  return null
}
