import type { Json, JsonObject } from '@gatewright/core'

/** The data of an event while it is put into places of the schema: what was not taken is left for `unmapped`. */
export class EventData {
  readonly #data: JsonObject
  readonly #taken = new Set<string>()

  constructor(data: JsonObject) {
    this.#data = data
  }

  /** A member, which stays to be taken. */
  see(name: string): Json | undefined {
    return this.#data[name]
  }

  /** A text that finds its place whole. Anything else, such as a commitment, is left as it is. */
  text(name: string): string | undefined {
    const value = this.#data[name]
    if (typeof value !== 'string') return undefined
    this.#taken.add(name)
    return value
  }

  /** A whole number that finds its place; anything else is left. */
  integer(name: string): number | undefined {
    const value = this.#data[name]
    if (!Number.isSafeInteger(value)) return undefined
    this.#taken.add(name)
    return value as number
  }

  /** A member that finds its place whole, whatever it is. */
  take(name: string): Json | undefined {
    this.#taken.add(name)
    return this.#data[name]
  }

  /** What has no place, without what says nothing. */
  rest(): JsonObject {
    // From entries: a member that somebody called `__proto__` is one too.
    return Object.fromEntries(
      Object.entries(this.#data).filter(([name, value]) => value !== null && !this.#taken.has(name)),
    )
  }
}

/** An object without the members that are `undefined`. */
export function given(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {}
  for (const name of Object.keys(members)) {
    const value = members[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}
