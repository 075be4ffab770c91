/**
 * What a plug point answers: at once, or later. The engine awaits only what must be awaited, so an implementation that
 * has its answer at hand costs no promise. Throwing and rejecting mean the same.
 */
export type Awaitable<T> = T | Promise<T>
