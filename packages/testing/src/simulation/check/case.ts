import type { DirectoryAnswer, Evidence, Violation } from '../evidence'
import type { History } from './history'
import type { Logs } from './read-logs'

/** What the checks look at: the evidence, with its logs read. */
export interface Case {
  readonly evidence: Evidence
  readonly logs: Logs
  readonly histories: ReadonlyMap<string, History>
}

/** One check: all breaches of the promises it looks after. */
export type Check = (of: Case) => readonly Violation[]

/** Gathers breaches of one promise. */
export function breaches(promise: Violation['promise']): {
  readonly found: Violation[]
  /** Notes a breach unless the condition holds. Answers with the condition. */
  expect(holds: boolean, subject: string | null, what: string): boolean
} {
  const found: Violation[] = []
  return {
    found,
    expect(holds, subject, what) {
      if (!holds) found.push({ promise, subject, what })
      return holds
    },
  }
}

/** `issuer subject` of somebody. */
export function keyOfPerson({
  issuer,
  subject,
}: {
  readonly issuer: string
  readonly subject: string
}): string {
  return `${issuer} ${subject}`
}

/**
 * I4: whether a person is none of those who may not review a request, by what a process was told: of each of them it asked
 * the directory, and was told of somebody else.
 */
export function notExcluded(
  { evidence }: Case,
  { excluded }: History,
  person: string,
  answers: readonly DirectoryAnswer[],
): boolean {
  if (person === evidence.owner) return false
  return excluded.every(
    (one) =>
      one !== person &&
      answers.some(
        (answer) =>
          keyOfPerson(answer.identity) === one &&
          answer.person !== null &&
          keyOfPerson(answer.person) !== person,
      ),
  )
}

/** The canonical person behind an identity, by the world's own list; the identity itself when nobody knows it. */
export function canonicalOf({ evidence }: Case, identity: string): string {
  return evidence.canonical[identity] ?? identity
}
