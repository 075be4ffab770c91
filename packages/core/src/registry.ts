/**
 * What two copies of this package in one program must share, under one versioned global symbol (DESIGN section 5).
 * The shape below is frozen for version 1: copies of different releases read it.
 */
export interface Registry {
  /** The gate that `setDefaultGate` named; typed by whoever reads it. */
  defaultGate: unknown
  /** AsyncLocalStorage of the current session and call context. */
  ambient: unknown
}

const key = Symbol.for('gatewright.registry.v1')

/** The registry that every copy of the package in this program shares. */
export function sharedRegistry(): Registry {
  const holder = globalThis as { [key]?: Registry }
  holder[key] ??= { defaultGate: undefined, ambient: undefined }
  return holder[key]
}
