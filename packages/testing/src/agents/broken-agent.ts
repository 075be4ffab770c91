import type { PlainParts } from './plain-adapter'

/** An adapter that is wrong in one way. */
export interface BrokenAgent {
  /** What is wrong with it. */
  readonly flaw: string
  /** A part of the names of the cases that must notice. */
  readonly caughtBy: RegExp
  readonly parts: Partial<PlainParts>
}

/** What is wrong, where it must be noticed, and how it comes about. */
export function wrong(flaw: string, caughtBy: RegExp, parts: Partial<PlainParts>): BrokenAgent {
  return { flaw, caughtBy, parts }
}
