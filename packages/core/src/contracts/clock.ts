/** `'90s'`, `'30m'`, `'8h'`, `'7d'`, or milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** A timer that was set; `cancel()` is idempotent. */
export interface Timer {
  cancel(): void
  /** Whether the timer keeps the process alive, from now on. Leaving it out means it cannot be changed. */
  keepAlive?(value: boolean): void
}

/**
 * The only source of time. Everything that waits, expires or times out goes through it, so that tests and the simulation
 * can hold time still.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump; nothing is ordered by it. */
  now(): number
  /**
   * Calls `fire` once, no earlier than `ms` milliseconds from now.
   *
   * @param options.background - the timer does not keep the process alive. @default false
   */
  setTimer(ms: number, fire: () => void, options?: { readonly background?: boolean }): Timer
}
