/** A call that was made and may not have ended yet. */
export interface Attempt<T = unknown> {
  readonly state: 'waiting' | 'resolved' | 'rejected'
  readonly value: T | undefined
  readonly error: unknown
  readonly code: string | undefined
  readonly message: string
  /** Resolves once it has ended, either way. */
  readonly ended: Promise<void>
}

/** Follows a promise without letting its rejection escape. */
export function attempt<T>(work: Promise<T>): Attempt<T> {
  const seen = {
    state: 'waiting' as Attempt['state'],
    value: undefined as T | undefined,
    error: undefined as unknown,
    get code() {
      return (this.error as { code?: string } | undefined)?.code
    },
    get message() {
      return this.error instanceof Error ? this.error.message : ''
    },
    ended: Promise.resolve(),
  }
  seen.ended = work.then(
    (value) => {
      seen.state = 'resolved'
      seen.value = value
    },
    (error: unknown) => {
      seen.state = 'rejected'
      seen.error = error
    },
  )
  return seen
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}
