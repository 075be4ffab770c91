/** Exit codes of every command. They are stable: scripts branch on them. */
export const Exit = {
  /** It was done, or it holds. */
  ok: 0,
  /** What was checked does not hold, or what was asked for could not be done. */
  invalid: 1,
  /** Sound in itself, but not the log that a known head speaks of. */
  diverged: 2,
  /** Nothing is wrong with what is there, but not all of it is there. */
  incomplete: 3,
  /** The command line, or a file named on it, cannot be used. */
  usage: 4,
} as const

/** The command line cannot be understood or followed; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Help was asked for, in place of what the command does. */
export class HelpAskedError extends Error {
  override readonly name = 'HelpAskedError'
}

/** What was asked for could not be done. */
export class FailedError extends Error {
  override readonly name = 'FailedError'
}

/** Whoever read the output has gone, as `head` does: there is nothing left to do, and nothing wrong. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
}
