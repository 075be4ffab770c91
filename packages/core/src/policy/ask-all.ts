import type { Clock } from '../contracts/clock'
import { DeadlineError, withDeadline } from '../values/deadline'
import { andThen, isPromise, orElse } from '../values/is-promise'

/** How whoever has a say is asked. */
export interface AskOptions {
  readonly clock: Clock
  /** How long all of them together may take. */
  readonly timeoutMs: number
  /** Told of each that failed, with its error; may log it. Throwing changes nothing. */
  readonly onFailure?: (id: string, error: unknown) => void
}

/** What is made of answers. */
export interface Reading<One, Answer> {
  readonly ask: (one: One) => unknown
  /** An answer, read. May throw, and then counts as a failure. */
  readonly read: (one: One, given: unknown) => Answer
  /** What stands for the answer of one that `threw` or `gave no answer`: the strictest there is (I1). */
  readonly failed: (one: One, what: string, error?: unknown) => Answer
}

/**
 * Asks everybody before anybody is waited for, and answers in their order: without a promise when all of them do. One that
 * throws, rejects or is late has failed. What it says after the deadline changes nothing, and its rejection is not left
 * unhandled. Never throws for anybody's sake.
 */
export function askAll<One, Answer>(
  all: readonly One[],
  { ask, read, failed }: Reading<One, Answer>,
  { clock, timeoutMs }: AskOptions,
): Answer[] | Promise<Answer[]> {
  const fail = (one: One, error: unknown) =>
    error instanceof DeadlineError
      ? failed(one, `gave no answer within ${timeoutMs} ms`)
      : failed(one, `threw ${errorName(error)}`, error)
  const given = (one: One): unknown => {
    const answer = ask(one)
    // Made a promise of our own: a foreign `then` may throw, or call back twice.
    return isPromise(answer) ? withDeadline(clock, timeoutMs, Promise.resolve(answer), 'the answer') : answer
  }
  const answers = all.map((one) =>
    orElse(
      () => andThen(given(one), (answer) => read(one, answer)),
      (error) => fail(one, error),
    ),
  )
  return answers.some((answer) => answer instanceof Promise) ? Promise.all(answers) : (answers as Answer[])
}

/** Tells of one that failed. Telling is not part of judging: whatever becomes of it, the failure stands. */
export function tellFailure({ onFailure }: AskOptions, id: string, what: string, error: unknown): void {
  try {
    onFailure?.(id, error ?? new TypeError(what))
  } catch {
    // The strictest answer is given either way.
  }
}

/** An error's kind, for a text that people and logs see: never its message, which may repeat arguments (section 10). */
function errorName(error: unknown): string {
  try {
    const name = error instanceof Error ? error.name : typeof error
    return /^[A-Za-z][A-Za-z0-9]{0,59}$/.test(name) ? name : 'Error'
  } catch {
    return 'Error'
  }
}
