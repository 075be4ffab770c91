// What the program and the thread that writes say to each other: plain values, one question at a time.

import type { Executed, Job, Outcome } from '../database/executor'
import { codeOf, driverError } from '../driver-errors'
import { Refused } from '../writes/transaction'

/** How the thread opens the file. */
export interface ThreadSettings {
  readonly path: string
  readonly busyMs: number
  readonly synchronous: 'full' | 'normal'
  readonly encrypted: boolean
}

/** What the thread is asked for. */
export type Question =
  /** Take the lock, where whoever asks reads the time only then. */
  | { readonly kind: 'begin' }
  /** Take the lock unless that was done, run the jobs, commit. `now`: the time; `null`: the system's, read with the lock held. */
  | { readonly kind: 'run'; readonly jobs: readonly Job[]; readonly now: number | null }
  | { readonly kind: 'close' }

/** What it answers, first of all that it is open. */
export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'executed'; readonly executed: Executed }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** An error as it crosses. */
interface Failure {
  readonly message: string
  readonly code: string
  /** Of a {@link Refused}. */
  readonly subject: string | null
}

/** An error, to be sent. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  return { message, code: codeOf(error), subject: error instanceof Refused ? error.subject : null }
}

/** The error that was sent. */
export function errorFrom({ message, code, subject }: Failure): Error {
  return subject === null ? driverError(message, code) : new Refused(subject, message)
}

/** Outcomes, to be sent. */
export function sendable(executed: Executed): Executed {
  return { ...executed, outcomes: executed.outcomes.map(mapError(failureOf)) }
}

/** Outcomes that were sent. */
export function received(executed: Executed): Executed {
  return { ...executed, outcomes: executed.outcomes.map(mapError((error) => errorFrom(error as Failure))) }
}

function mapError(change: (error: unknown) => unknown): (outcome: Outcome) => Outcome {
  return (outcome) => ('error' in outcome ? { error: change(outcome.error) } : outcome)
}
