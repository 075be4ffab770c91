/** A signal that is aborted with any of others, until it is let go. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(): void
  /** Takes its listeners from the others: some of them live as long as the program. */
  unlink(): void
}

/** As `AbortSignal.any`, of which Node 20 keeps a trace at every long-lived signal for each call. */
export function linkedSignal(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController()
  const given = signals.filter((signal) => signal !== undefined)
  const abort = (): void => controller.abort(given.find(({ aborted }) => aborted)?.reason)
  for (const signal of given) signal.addEventListener('abort', abort)
  if (given.some(({ aborted }) => aborted)) abort()
  return {
    signal: controller.signal,
    abort,
    unlink() {
      for (const signal of given) signal.removeEventListener('abort', abort)
    },
  }
}
