import fc from 'fast-check'

/** Names that a store must tell apart: letters of two cases, NUL, half a surrogate pair. */
export const ACTIONS = ['a.run', 'A.run', 'a.run\0', '\ud800'] as const
/** A short and a long shape of arguments. */
export const SHAPES = ['[]', `["${'string'.repeat(60)}"]`] as const
/** Who asks. */
export const REQUESTERS = ['bot', "bot'; --"] as const
/** Keys of requests. */
export const KEYS = ['k-1', 'K-1', 'k\0'] as const

/** An action: mostly the first, so that there are several requests of it. */
export const action = fc.oneof(fc.constant(ACTIONS[0]), fc.constantFrom(...ACTIONS))
/** A shape of arguments. */
export const shape = fc.constantFrom(...SHAPES)
/** A key. */
export const key = fc.constantFrom(...KEYS)
/** The number of something that there is by then. */
export const pick = fc.nat(20)
/** How many to ask for. */
export const limit = fc.integer({ min: 1, max: 4 })
/** From now, in milliseconds: in the past, and at instants that later steps come at exactly. */
export const offset = fc.constantFrom(-2_000, -1, 0, 5, 10, 15, 2_000)
