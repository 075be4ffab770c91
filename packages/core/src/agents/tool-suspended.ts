const TEXT = 'it stopped to wait for a decision within it, and begins anew when its framework goes on'

/**
 * Thrown by a tool's run that stopped because its framework suspends: a call within it waits, or it asked something itself.
 * The run is recorded as failed. When the framework delivers the call again, it is another attempt, as with `retry: true`:
 * people are asked again, unless a rule allows it or its action is `idempotent` and the approval still lasts.
 */
export class ToolSuspended extends Error {
  /** What the framework threw, for the adapter to throw on. */
  override readonly cause: unknown

  constructor(cause: unknown) {
    super(TEXT)
    this.name = 'ToolSuspended'
    this.cause = cause
  }
}

/** Whether a failed run only stopped to wait: after a restart nothing else tells. */
export function wasSuspended(summary: string | undefined): boolean {
  return summary === `ToolSuspended: ${TEXT}`
}
